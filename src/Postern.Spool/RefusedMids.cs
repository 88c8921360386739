using System.Buffers.Binary;
using System.Security.Cryptography;
using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// The file of the messages that are answered 451 although a failed commit may have put them on the disk. It is durable
/// before the first answer goes out, and the next opening deletes them before anything is delivered. The file has its
/// full size from the start, so that it can be written when the disk is full. For one thread.
/// </summary>
/// <remarks>SHA-256 of the rest (32), number of MIDs (4), MIDs (8 each), filled up to its size.</remarks>
internal sealed class RefusedMids
{
    private const int HashLength = SHA256.HashSizeInBytes;
    private const int MidsAt = HashLength + sizeof(int);
    private const int FileLength = MidsAt + sizeof(long) * CommitQueue.MaxRequests;
    private readonly string _folder;
    private readonly string _path;
    private bool _broken;

    /// <summary>The file of a spool in <paramref name="folder"/>.</summary>
    public RefusedMids(string folder)
    {
        _folder = folder;
        _path = FileIn(folder);
    }

    /// <summary>Where it is.</summary>
    public static string FileIn(string folder) => Path.Combine(folder, "refused");

    /// <summary>Reads the file; a file that was only half written was never acted upon and holds nothing.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<Mid> Read()
    {
        if (!File.Exists(_path))
            return [];
        var content = File.ReadAllBytes(_path);
        if (content.Length != FileLength
            || !SHA256.HashData(content.AsSpan(HashLength)).AsSpan().SequenceEqual(content.AsSpan(0, HashLength)))
        {
            return [];
        }
        var count = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(HashLength));
        var mids = new Mid[Math.Clamp(count, 0, CommitQueue.MaxRequests)];
        for (var i = 0; i < mids.Length; i++)
            mids[i] = new Mid(BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(MidsAt + i * sizeof(long))));
        return mids;
    }

    /// <summary>Makes the list durable, in place of the one before.</summary>
    /// <returns>False when that failed.</returns>
    public bool TryWrite(IReadOnlyList<Mid> mids)
    {
        var content = new byte[FileLength];
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(HashLength), mids.Count);
        for (var i = 0; i < mids.Count; i++)
            BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(MidsAt + i * sizeof(long)), mids[i].Value);
        SHA256.HashData(content.AsSpan(HashLength), content);
        try
        {
            if (_broken || !File.Exists(_path))
                Make(content);
            else
                Overwrite(_path, content);
            _broken = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file whose sync failed gets no other sync (hardening §1.3): the next write makes a new file.
            _broken = true;
            return false;
        }
    }

    private void Make(byte[] content)
    {
        var made = _path + ".new";
        File.Delete(made);
        Overwrite(made, content);
        File.Move(made, _path, overwrite: true);
        FolderSync.Sync(_folder);
    }

    private static void Overwrite(string path, byte[] content)
    {
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, content, 0);
        FolderSync.Sync(file);
    }
}
