// The few things that a page cannot do from the server.
window.postern = {
    // The name of the viewer's time zone.
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,

    // A page begins at its heading, unless somebody is elsewhere already.
    begin: () => {
        if (document.activeElement === document.body)
            document.querySelector("main h1")?.focus({ preventScroll: true });
    },

    // What had the focus is gone: it goes to an element, unless somebody is elsewhere already.
    goOn: id => {
        if (document.activeElement === document.body) document.getElementById(id)?.focus();
    },

    // Keeps a choice for a year.
    remember: (name, value) => {
        document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`
            + (location.protocol === "https:" ? "; secure" : "");
    },

    // Sends a form of the page, with the antiforgery token of the document.
    submit: id => {
        const form = document.getElementById(id);
        const token = document.querySelector('meta[name="antiforgery"]').content;
        form.querySelector('input[name="__RequestVerificationToken"]').value = token;
        form.submit();
    },
};

// The newest line of the mail log is its lowest on the screen and its first in the document: lines are copied in the
// order of the screen, which is that of the file.
document.addEventListener("copy", event => {
    const selection = getSelection();
    const logOf = node => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(".log:not(.story)");
    if (!selection.anchorNode || !logOf(selection.anchorNode) || !logOf(selection.focusNode)) return;
    event.clipboardData.setData("text/plain", selection.toString().split("\n").reverse().join("\n"));
    event.preventDefault();
});

// A gateway that was started again knows nobody of before, and Blazor would go on trying for ever: the page is asked for
// anew, and the login page says why.
{
    const notice = document.getElementById("components-reconnect-modal");
    const isShown = '[class*="components-reconnect-"]:not(.components-reconnect-hide)';
    const look = async () => {
        if (!notice?.matches(isShown)) return;
        try {
            const answer = await fetch("/_blazor/negotiate?negotiateVersion=1", { method: "POST" });
            if (answer.status === 401 || notice.classList.contains("components-reconnect-rejected")) location.reload();
        } catch {
            // It is not there yet.
        }
    };
    setInterval(look, 2000);
}
