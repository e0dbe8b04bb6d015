//! Text out of HTML, as BeautifulSoup's `.text` and Python's `html.unescape`, as far as captions need.
//!
//! Known: numeric references, HTML 4's Latin-1 names and common punctuation. Names that HTML 4 lets stand
//! without a semicolon are taken without. Not known: the other two thousand names of HTML 5.

/// The names of U+00A0 to U+00FF, in order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
    Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
    Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

const OTHERS: [(&str, char); 26] = [
    ("apos", '\''),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("hellip", '…'),
    ("bull", '•'),
    ("prime", '′'),
    ("Prime", '″'),
    ("trade", '™'),
    ("euro", '€'),
    ("larr", '←'),
    ("uarr", '↑'),
    ("rarr", '→'),
    ("darr", '↓'),
    ("hearts", '♥'),
    ("star", '☆'),
    ("deg", '°'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("infin", '∞'),
];

/// `html.unescape`.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((length, character)) => {
                out.extend(character);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The reference at the start of `text`: its length, and its character, if it is one.
fn reference(text: &str) -> Option<(usize, Option<char>)> {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16),
            None => (number, 10),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        if length == 0 {
            return None;
        }
        let after = usize::from(digits[length..].starts_with(';'));
        let total = text.len() - digits.len() + length + after;
        let code = u32::from_str_radix(&digits[..length], radix).unwrap_or(u32::MAX);
        return Some((total, numeric(code)));
    }
    let length = body.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(body.len());
    if body[length..].starts_with(';')
        && let Some(character) = named(&body[..length]).or_else(|| other(&body[..length]))
    {
        return Some((length + 2, Some(character)));
    }
    // The longest old name that the text begins with.
    (2..=length).rev().find_map(|length| Some((length + 1, Some(named(&body[..length])?))))
}

fn numeric(code: u32) -> Option<char> {
    match code {
        0 => Some('\u{fffd}'),
        // Browsers take these from Windows-1252.
        0x80..=0x9F => char::from_u32(code).map(|c| super::clean_caption::from_windows_1252(c as u8)),
        0x0D => Some('\r'),
        0x01..=0x08 | 0x0B | 0x0E..=0x1F | 0x7F => None,
        _ => Some(char::from_u32(code).unwrap_or('\u{fffd}')),
    }
}

fn named(name: &str) -> Option<char> {
    match name {
        "amp" | "AMP" => Some('&'),
        "lt" | "LT" => Some('<'),
        "gt" | "GT" => Some('>'),
        "quot" | "QUOT" => Some('"'),
        _ => {
            let at = LATIN_1.split_whitespace().position(|known| known == name)?;
            char::from_u32(0xA0 + at as u32)
        }
    }
}

fn other(name: &str) -> Option<char> {
    OTHERS.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

/// The text outside tags, comments, scripts and styles, references resolved: `BeautifulSoup(…).text`.
pub(super) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&unescape(&rest[..at]));
        rest = &rest[at..];
        match markup(rest) {
            Some(length) => rest = &rest[length..],
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out + &unescape(rest)
}

/// The length of the markup at the start of `text`, which begins with `<`; `None` if it is text.
fn markup(text: &str) -> Option<usize> {
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
