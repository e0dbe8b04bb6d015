//! From a seed to a captioned picture.

use crate::canvas::Canvas;
use crate::math::Vec3;
use crate::picture::Picture;
use crate::random::Rng;
use crate::styles::Style;
use crate::subjects::{Subject, all};

/// Pictures are painted this many times as large, then averaged.
const OVERSAMPLED: usize = 2;
/// Shares of the pictures: the course's prompts, others, and full photographs called "a high quality photo" and no more.
const COURSE: f32 = 0.5;
const BROAD: f32 = 0.13;
/// Of those that can be: pictures full of their subject, for illusions.
const DENSE: f32 = 0.34;
/// Shown half as often as others: less asked for, or less readable.
const RARE: &[&str] = &[
    "cow",
    "child",
    "woman",
    "desert",
    "night-sky",
    "bicycle",
    "elephant",
    "rabbit",
    "duck",
    "tower",
    "church",
    "windmill",
    "book",
];
/// A special case is named as such this often.
const SPECIAL: f32 = 0.6;
/// Said only where it is seen.
const HUES: &[&str] = &["red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "golden", "ginger"];
const BROAD_WORDS: &[&str] = &["a high quality photo", "a high quality photo", "a high quality photo", "a photo"];

pub struct Painted {
    /// Row by row, `size`².
    pub pixels: Vec<Vec3>,
    pub caption: String,
    pub subject: &'static str,
    pub style: Style,
}

/// What is asked for; none of it, and the seed decides.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    pub subject: Option<&'static Subject>,
    pub style: Option<Style>,
}

pub fn compose(seed: u64, size: usize, asked: Asked) -> Painted {
    let mut random = Rng::new(seed);
    let broad = asked.subject.is_none() && asked.style.is_none() && random.chance(BROAD);
    let subject = asked.subject.unwrap_or_else(|| any_subject(&mut random));
    let style = asked
        .style
        .unwrap_or_else(|| if broad { Style::Photo } else { Style::ALL[random.weighted(&subject.style_shares())] });
    let dense = random.chance(DENSE);
    let canvas = Canvas::new(size * OVERSAMPLED);
    let mut picture = Picture { canvas, random, style, dense, details: Vec::new(), noun: None, renamed: false };
    (subject.paint)(&mut picture);
    let Picture { mut canvas, mut random, details, noun, renamed, .. } = picture;
    let noun = noun.filter(|_| renamed || random.chance(SPECIAL));
    let caption =
        if broad { random.pick(BROAD_WORDS).to_string() } else { caption(subject, style, noun, details, &mut random) };
    style.apply(&mut canvas, &mut random);
    Painted { pixels: canvas.smaller(OVERSAMPLED), caption, subject: subject.name, style }
}

fn any_subject(random: &mut Rng) -> &'static Subject {
    let course = random.chance(COURSE);
    let mut subjects = all();
    subjects.retain(|subject| subject.course == course);
    if subjects.is_empty() {
        subjects = all();
    }
    let weights: Vec<f32> =
        subjects.iter().map(|subject| if RARE.contains(&subject.name) { 0.5 } else { 1.0 }).collect();
    subjects[random.weighted(&weights)]
}

/// "an oil painting of a dog on a beach": style, name, and none to two of what the picture earned.
fn caption(
    subject: &Subject,
    style: Style,
    noun: Option<String>,
    mut details: Vec<String>,
    random: &mut Rng,
) -> String {
    let plain = if random.chance(0.7) { subject.nouns[0] } else { random.pick(subject.nouns) };
    let mut caption = noun.unwrap_or_else(|| plain.to_string());
    random.shuffle(&mut details);
    details.truncate(random.weighted(&[0.5, 0.35, 0.15]));
    for words in details {
        caption = format!("{caption} {words}");
    }
    if matches!(style, Style::Lithograph | Style::Pencil) {
        caption = uncoloured(&caption);
    }
    // A picture without a word of how it is made is mostly a photo to people.
    let unsaid = if style == Style::Photo { 0.35 } else { 0.12 };
    if random.chance(unsaid) {
        return caption;
    }
    let words = style.words();
    let words = if random.chance(0.8) { words[0] } else { random.pick(words) };
    format!("{words} {caption}")
}

/// Without words for hues: "a blue bird" is a bird to who draws in black.
fn uncoloured(caption: &str) -> String {
    let mut kept: Vec<&str> = caption.split(' ').collect();
    if let Some(hair) =
        kept.windows(3).position(|three| three[0] == "with" && HUES.contains(&three[1]) && three[2] == "hair")
    {
        kept.drain(hair..hair + 3);
    }
    kept.retain(|word| !HUES.contains(word));
    let vowel = |word: &str| word.starts_with(['a', 'e', 'i', 'o', 'u']);
    let said = |at: usize| match kept.get(at + 1) {
        Some(next) if kept[at] == "an" && !vowel(next) => "a",
        Some(next) if kept[at] == "a" && vowel(next) => "an",
        _ => kept[at],
    };
    (0..kept.len()).map(said).collect::<Vec<_>>().join(" ")
}
