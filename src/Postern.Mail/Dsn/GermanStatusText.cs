using System.Collections.Frozen;

namespace Postern.Mail.Dsn;

/// <summary>
/// What an enhanced status code says in German, for the sender of a message: the details a sender can do something
/// about, and for all others the subject (RFC 3463 §3). The code stands beside it. Pure.
/// </summary>
internal static class GermanStatusText
{
    private static readonly FrozenDictionary<(int Subject, int Detail), string> Words =
        new Dictionary<(int, int), string>
        {
            [(0, 0)] = "Anderer, nicht näher bekannter Zustand",
            [(1, 0)] = "Fehler in der Adresse",
            [(1, 1)] = "Die Empfängeradresse gibt es nicht",
            [(1, 2)] = "Die Domain des Empfängers gibt es nicht",
            [(1, 3)] = "Die Empfängeradresse ist falsch geschrieben",
            [(1, 4)] = "Die Empfängeradresse ist nicht eindeutig",
            [(1, 6)] = "Der Empfänger ist umgezogen, ohne neue Adresse",
            [(1, 7)] = "Die Absenderadresse ist falsch geschrieben",
            [(1, 8)] = "Die Domain des Absenders wird nicht anerkannt",
            [(1, 10)] = "Die Domain des Empfängers nimmt keine E-Mail an",
            [(2, 0)] = "Fehler im Postfach des Empfängers",
            [(2, 1)] = "Das Postfach nimmt keine Nachrichten an",
            [(2, 2)] = "Das Postfach ist voll",
            [(2, 3)] = "Die Nachricht ist größer, als der Empfänger erlaubt",
            [(2, 4)] = "Fehler in der Mailingliste",
            [(3, 0)] = "Fehler im Mailsystem",
            [(3, 1)] = "Das Mailsystem ist voll",
            [(3, 2)] = "Das Mailsystem nimmt zurzeit keine Nachrichten an",
            [(3, 3)] = "Das Mailsystem kann nicht, was die Nachricht braucht",
            [(3, 4)] = "Die Nachricht ist zu groß für das Mailsystem",
            [(3, 5)] = "Das Mailsystem ist falsch eingestellt",
            [(4, 0)] = "Fehler im Netz",
            [(4, 1)] = "Der Host antwortet nicht",
            [(4, 2)] = "Die Verbindung ist gestört",
            [(4, 3)] = "Ein Verzeichnisdienst ist gestört",
            [(4, 4)] = "Es gibt keinen Weg zum Empfänger",
            [(4, 5)] = "Das Mailsystem ist überlastet",
            [(4, 6)] = "Der Weg zum Empfänger führt im Kreis",
            [(4, 7)] = "Die Frist für die Zustellung ist abgelaufen",
            [(5, 0)] = "Fehler im Protokoll",
            [(5, 3)] = "Zu viele Empfänger",
            [(6, 0)] = "Fehler im Inhalt der Nachricht",
            [(6, 1)] = "Die Art des Inhalts wird nicht angenommen",
            [(6, 3)] = "Der Inhalt müsste umgewandelt werden, was nicht geht",
            [(6, 7)] = "Adressen mit Zeichen jenseits von ASCII werden nicht angenommen",
            [(7, 0)] = "Aus Gründen der Sicherheit abgelehnt",
            [(7, 1)] = "Die Zustellung ist nicht erlaubt, die Nachricht abgelehnt",
            [(7, 2)] = "Der Absender darf nicht an die Mailingliste schreiben",
            [(7, 10)] = "Eine verschlüsselte Verbindung wird verlangt",
            [(7, 27)] = "Die Domain des Absenders nimmt keine E-Mail an",
        }.ToFrozenDictionary();

    /// <summary>The words for a status; for a detail without any those of its subject, then of the whole.</summary>
    public static string Of(EnhancedStatus status) =>
        status.Class == 2 ? "Angenommen"
        : Words.TryGetValue((status.Subject, status.Detail), out var words) ? words
        : Words.TryGetValue((status.Subject, 0), out words) ? words
        : Words[(0, 0)];
}
