//! What is done to a prompt before the tokenizer.
//!
//! `plain_caption` is diffusers' default, `clean_caption` what `IFPipeline(prompt=…)` does: the steps of
//! `IFPipeline._clean_caption`, in its order, with its (sometimes odd) expressions, run twice. Of ftfy's
//! `fix_text` it has the repairs that captions meet: terminal escapes, mojibake of a whole caption, Latin
//! ligatures, full and half width, curly quotes, line ends, control characters, composed accents. Of HTML it
//! knows what `html` says; references are resolved as HTML 5 has it, as in Python but for forbidden characters,
//! which Python drops and the tokenizer drops here. Python's `\w` and `\b` leave combining marks out, Rust's take them in.

use std::sync::LazyLock;

use fancy_regex::Regex;
use htmlize::unescape;
use tokenizers::NormalizedString;

use super::html;

/// Lower case and no space around: all that is done to a prompt by default.
pub fn plain_caption(prompt: &str) -> String {
    strip(&prompt.to_lowercase()).to_owned()
}

/// The cleaning that IF's pipeline does to `prompt=`; it lower-cases and strips too.
pub fn clean_caption(prompt: &str) -> String {
    clean_once(&clean_once(prompt))
}

/// Python's `str.isspace`: Rust's and four separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// An expression with what takes its place.
type Rule = (Regex, &'static str);

fn rules(rules: &[(&str, &'static str)]) -> Vec<Rule> {
    let space = r"[\s\x1c-\x1f]";
    rules
        .iter()
        .filter_map(|(pattern, replacement)| {
            // Outside of classes, Python's \s has four characters more.
            let regex = Regex::new(&pattern.replace(r"\s", space)).ok();
            debug_assert!(regex.is_some(), "{pattern}");
            Some((regex?, *replacement))
        })
        .collect()
}

fn apply(rules: &[Rule], text: String) -> String {
    rules.iter().fold(text, |text, (regex, replacement)| regex.replace_all(&text, *replacement).into_owned())
}

static BEFORE_HTML: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    rules(&[
        ("<person>", "person"),
        (
            r"\b((?:https?:(?:/{1,3}|[a-zA-Z0-9%])|[a-zA-Z0-9.\-]+[.](?:com|co|ru|net|org|edu|gov|it)[\w/-]*\b/?(?!@)))",
            "",
        ),
        (r"\b((?:www:(?:/{1,3}|[a-zA-Z0-9%])|[a-zA-Z0-9.\-]+[.](?:com|co|ru|net|org|edu|gov|it)[\w/-]*\b/?(?!@)))", ""),
    ])
});

static AFTER_HTML: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    rules(&[
        (r"@[\w\d]+\b", ""),
        // Strokes, phonetic extensions, enclosed letters, compatibility, ideographs A, hexagrams, ideographs.
        (r"[\x{31c0}-\x{31ef}\x{31f0}-\x{31ff}\x{3200}-\x{32ff}\x{3300}-\x{33ff}]+", ""),
        (r"[\x{3400}-\x{4dbf}\x{4dc0}-\x{4dff}\x{4e00}-\x{9fff}]+", ""),
        (
            concat!(
                r"[\x{2D}\x{58A}\x{5BE}\x{1400}\x{1806}\x{2010}-\x{2015}\x{2E17}\x{2E1A}\x{2E3A}\x{2E3B}\x{2E40}",
                r"\x{301C}\x{3030}\x{30A0}\x{FE31}\x{FE32}\x{FE58}\x{FE63}\x{FF0D}]+"
            ),
            "-",
        ),
        ("[`´«»“”¨]", "\""),
        ("[‘’]", "'"),
        ("&quot;?", ""),
        ("&amp", ""),
        (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", " "),
        (r"\d:\d\d\s+$", ""),
        (r"\\n", " "),
        (r"#\d{1,3}\b", ""),
        (r"#\d{5,}\b", ""),
        (r"\b\d{6,}\b", ""),
        (r"[^\s\x1c-\x1f]+\.(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)", ""),
        ("[\"']{2,}", "\""),
        (r"[\.]{2,}", " "),
        (r"[#®•©™&@·º½¾¿¡§~\)\(\]\[\}\{\|\\/\*]+", " "),
        (r"\s+\.\s+", " "),
    ])
});

static AFTER_REPAIR: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    rules(&[
        (r"\b[a-zA-Z]{1,3}\d{3,15}\b", ""),
        (r"\b[a-zA-Z]+\d+[a-zA-Z]+\b", ""),
        (r"\b\d+[a-zA-Z]+\d+\b", ""),
        (r"(worldwide\s+)?(free\s+)?shipping", ""),
        (r"(free\s)?download(\sfree)?", ""),
        (r"\bclick\b\s(?:for|on)\s\w+", ""),
        (r"\b(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)(\simage[s]?)?", ""),
        (r"\bpage\s+\d+\b", ""),
        (r"\b\d*[a-zA-Z]+\d+[a-zA-Z]+\d+[a-zA-Z\d]*\b", " "),
        (r"\b\d+\.?\d*[xх×]\d+\.?\d*\b", ""),
        (r"\b\s+:\s+", ": "),
        (r"(\D[,\./])\b", "${1} "),
        (r"\s+", " "),
        // The whole caption in quotes.
        ("^[\"']([\\w\\W]+)[\"']$", "${1}"),
        (r"^['_,\-:;]", ""),
        (r"['_,\-:\-\+]$", ""),
        (r"^\.[^\s\x1c-\x1f]+$", ""),
    ])
});

fn clean_once(caption: &str) -> String {
    let caption = unquote_plus(caption);
    let caption = apply(&BEFORE_HTML, strip(&caption).to_lowercase());
    let mut caption = apply(&AFTER_HTML, html::text(&caption));
    if caption.matches(['-', '_']).count() > 3 {
        caption = caption.replace(['-', '_'], " ");
    }
    let caption = unescape(unescape(repair(&caption))).into_owned();
    strip(&apply(&AFTER_REPAIR, caption)).to_owned()
}

/// `urllib.parse.unquote_plus`: + is a space, %xx a byte of UTF-8.
fn unquote_plus(text: &str) -> String {
    let text = text.replace('+', " ");
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|&byte| char::from(byte).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((16 * high + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The repairs of `ftfy.fix_text` that are named at the top.
fn repair(text: &str) -> String {
    static ESCAPES: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(&[(r"\x1b\[((?:\d|;)*)([a-zA-Z])", "")]));
    // ftfy resolves references only where no tag can be meant.
    let text = if text.contains('<') { text.to_owned() } else { unescape(text).into_owned() };
    let text = apply(&ESCAPES, text);
    let text = demojibake(&text).unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' => out.push_str("ſt"),
            'ﬆ' => out.push_str("st"),
            'ĳ' => out.push_str("ij"),
            'ŉ' => out.push_str("ʼn"),
            'ǆ' => out.push_str("dž"),
            'ǉ' => out.push_str("lj"),
            'ǌ' => out.push_str("nj"),
            '\u{3000}' => out.push(' '),
            '\u{ff01}'..='\u{ff5e}' => out.extend(char::from_u32(c as u32 - 0xFEE0)),
            '\u{2018}'..='\u{201b}' | 'ʼ' => out.push('\''),
            '\u{201c}'..='\u{201f}' => out.push('"'),
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\0'..='\x08' | '\x0b' | '\x0e'..='\x1f' | '\x7f' => {}
            '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' => {}
            c => out.push(c),
        }
    }
    let mut composed = NormalizedString::from(out);
    composed.nfc();
    composed.get().to_owned()
}

/// Text that is UTF-8 read as Windows-1252, read again; `None` if it is not wholly so.
fn demojibake(text: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = text.chars().map(to_windows_1252).collect();
    let again = String::from_utf8(bytes?).ok()?;
    (again != text).then_some(again)
}

/// Windows-1252's characters from 0x80 to 0x9F; a question mark where it has none.
const WINDOWS_1252: &str = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ";

fn to_windows_1252(c: char) -> Option<u8> {
    match c as u32 {
        code @ (0..=0x7F | 0xA0..=0xFF) => Some(code as u8),
        code @ 0x80..=0x9F => Some(code as u8),
        _ => WINDOWS_1252.chars().position(|known| known == c).map(|at| 0x80 + at as u8),
    }
}
