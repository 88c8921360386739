// The few things that a page cannot do from the server.
window.postern = {
    // The name of the viewer's time zone.
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,

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
