//! Text out of HTML, as BeautifulSoup's `.text` has it on Python's `html.parser`, as far as captions need.

use htmlize::unescape;

/// The text outside tags, comments, scripts and styles, references resolved: `BeautifulSoup(…).text`.
pub(super) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut numberless = false;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let resolved = reference(rest);
        if resolved.is_none() && rest.starts_with("&#") {
            // The parser gives up here, and begins anew once, if a semicolon makes it hope.
            if numberless || !rest.contains(';') {
                break;
            }
            numberless = true;
        }
        if let Some(length) = markup(rest) {
            rest = &rest[length..];
        } else if let Some((resolved, length)) = resolved {
            out.push_str(&resolved);
            rest = &rest[length..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out + rest
}

/// What the reference at the start of `text` stands for, and its length. The parser wants one more character behind
/// a reference, takes a semicolon with it, known or not, and knows no name that is longer or shorter than written.
fn reference(text: &str) -> Option<(String, usize)> {
    let body = text.strip_prefix('&')?;
    let (start, allowed): (usize, fn(char) -> bool) = if body.starts_with("#x") || body.starts_with("#X") {
        (2, |c| c.is_ascii_hexdigit())
    } else if body.starts_with('#') {
        (1, |c| c.is_ascii_digit())
    } else if body.starts_with(|c: char| c.is_ascii_alphabetic()) {
        (0, |c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
    } else {
        return None;
    };
    let length = start + body[start..].find(|c| !allowed(c))?;
    if length == start {
        return None;
    }
    let name = &body[..length];
    let resolved = unescape(format!("&{name};"));
    let known = !resolved.ends_with(';') || resolved == ";";
    let total = 1 + length + usize::from(body[length..].starts_with(';'));
    Some((if known { resolved.into_owned() } else { format!("&{name}") }, total))
}

/// The length of the markup at the start of `text`; `None` if it is text.
fn markup(text: &str) -> Option<usize> {
    if !text.starts_with('<') {
        return None;
    }
    if text.starts_with("<!--") {
        return Some(text.find("-->").map_or(text.len(), |end| end + 3));
    }
    let next = text[1..].chars().next()?;
    let tag = next.is_ascii_alphabetic();
    let closing = next == '/' && text[2..].starts_with(|c: char| c.is_ascii_alphabetic());
    if !tag && !closing && next != '!' && next != '?' {
        return None;
    }
    let end = tag_end(text)?;
    for element in ["script", "style"] {
        let opens =
            text[1..].strip_prefix(element).is_some_and(|after| after.starts_with(|c: char| !c.is_alphanumeric()));
        if opens {
            let close = format!("</{element}");
            let from = text[end..].find(&close).map(|at| end + at);
            return Some(from.and_then(|from| Some(from + tag_end(&text[from..])?)).unwrap_or(text.len()));
        }
    }
    Some(end)
}

/// Just behind the `>` that ends a tag; quoted values may hold one.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') if before == '=' => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    // An opening quote without its end: the first > ends the tag after all.
    if quote.is_some() { text.find('>').map(|at| at + 1) } else { None }
}
