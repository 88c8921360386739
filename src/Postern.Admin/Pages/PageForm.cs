using Microsoft.AspNetCore.Http;

namespace Postern.Admin.Pages;

/// <summary>The one way from a request to the fields of a plain form, and what is answered to a request without one.
/// </summary>
internal static class PageForm
{
    /// <summary>
    /// Serves a form: 415 when the body is of another type, 413 when it is too large, 400 when it cannot be read.
    /// </summary>
    public static RequestDelegate For(Func<HttpContext, IFormCollection, Task<IResult>> answer) => async context =>
        await (await AnswerAsync(context, answer).ConfigureAwait(false)).ExecuteAsync(context).ConfigureAwait(false);

    private static async Task<IResult> AnswerAsync(
        HttpContext context, Func<HttpContext, IFormCollection, Task<IResult>> answer)
    {
        if (!context.Request.HasFormContentType)
        {
            return ApiRequest.Problem(StatusCodes.Status415UnsupportedMediaType,
                "The body is the form of the page: application/x-www-form-urlencoded.");
        }
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return ApiRequest.TooLarge(e) ?? Unreadable();
        }
        // A character that no field of a browser has comes from somebody who tries what happens.
        return form.Any(field => field.Value.Any(value => value?.Contains('\0') == true)) ? Unreadable()
            : await answer(context, form).ConfigureAwait(false);
    }

    private static IResult Unreadable() =>
        ApiRequest.Problem(StatusCodes.Status400BadRequest, "The form cannot be read.");
}
