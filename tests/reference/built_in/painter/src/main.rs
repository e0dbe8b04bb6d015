//! The command: sheets to look at, pools to train on.
//!
//!     painter sheet OUT.png [SUBJECT[:STYLE] …] [--count N] [--size S] [--seed S]    a row for each, captions on stdout
//!     painter pool FOLDER --shards N [--from I] [--count N] [--size S]               shards I to N - 1, and the held-out one
//!     painter list                                                                   subjects
//!
//! Shard i is FOLDER/i.npy, u8 [count, size, size, 3], and i.json, its captions with subject and style; its picture k has seed
//! i · 2000 + k. `held-out` has seeds that no shard reaches. Shards that are there are left alone, so a stopped pool goes on.
//!
//! In a sheet SUBJECT "any" is whatever the seeds give; STYLE is photo, oil, lithograph, pencil, watercolour, cartoon or all.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use painter::compose::{Asked, Painted, compose};
use painter::styles::Style;
use painter::subjects::all;

struct Options {
    words: Vec<String>,
    count: usize,
    size: usize,
    seed: u64,
    shards: u64,
    from: u64,
}

const SHARD_SEEDS: u64 = 2000;
const HELD_OUT_SEED: u64 = 1_000_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("painter: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = options()?;
    let mut otherwise = |count| {
        if options.count == 0 {
            options.count = count;
        }
    };
    match options.words.first().map(String::as_str) {
        Some("sheet") => {
            otherwise(8);
            sheet(&options)
        }
        Some("pool") => {
            otherwise(SHARD_SEEDS as usize);
            pool(&options)
        }
        Some("list") => {
            for subject in all() {
                println!("{:12} {}", subject.name, subject.nouns.join(", "));
            }
            Ok(())
        }
        _ => Err("sheet, pool or list: see the head of main.rs".into()),
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options { words: Vec::new(), count: 0, size: 64, seed: 0, shards: 0, from: 0 };
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        if !word.starts_with("--") {
            options.words.push(word);
            continue;
        }
        let value = given.next().and_then(|value| value.parse::<u64>().ok()).ok_or(format!("{word} needs a number"))?;
        match word.as_str() {
            "--count" => options.count = value as usize,
            "--size" => options.size = value as usize,
            "--seed" => options.seed = value,
            "--shards" => options.shards = value,
            "--from" => options.from = value,
            _ => return Err(format!("{word} is not known")),
        }
    }
    Ok(options)
}

fn asked(word: &str) -> Result<Vec<Asked>, String> {
    let (name, style) = word.split_once(':').unwrap_or((word, ""));
    let subject = all().into_iter().find(|subject| subject.name == name);
    if subject.is_none() && name != "any" {
        return Err(format!("no subject is called {name}"));
    }
    let styles = match style {
        "" => vec![None],
        "all" => Style::ALL.map(Some).to_vec(),
        _ => vec![Some(
            *Style::ALL.iter().find(|each| each.name() == style).ok_or(format!("no style is called {style}"))?,
        )],
    };
    Ok(styles.into_iter().map(|style| Asked { subject, style }).collect())
}

fn bytes(painted: &Painted) -> impl Iterator<Item = u8> + '_ {
    painted.pixels.iter().flat_map(|c| c.to_array()).map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8)
}

fn sheet(options: &Options) -> Result<(), String> {
    let path = options.words.get(1).ok_or("sheet needs a file")?;
    let mut rows = Vec::new();
    for word in &options.words[2..] {
        rows.extend(asked(word)?);
    }
    if rows.is_empty() {
        rows = vec![Asked::default(); 8];
    }
    // Small pictures are shown twice as large, pixel for pixel.
    let zoom = if options.size < 100 { 2 } else { 1 };
    let (cell, size) = (options.size * zoom + 4, options.size);
    let (width, height) = (cell * options.count, cell * rows.len());
    let mut pixels = vec![255u8; width * height * 4];
    let started = Instant::now();
    for (row, asked) in rows.iter().enumerate() {
        for column in 0..options.count {
            let painted = compose(options.seed + (row * 1000 + column) as u64, size, *asked);
            println!("{row},{column}: {} [{} {}]", painted.caption, painted.subject, painted.style.name());
            let shown: Vec<u8> = bytes(&painted).collect();
            for y in 0..size * zoom {
                for x in 0..size * zoom {
                    let from = (y / zoom * size + x / zoom) * 3;
                    let to = ((row * cell + y + 2) * width + column * cell + x + 2) * 4;
                    pixels[to..to + 3].copy_from_slice(&shown[from..from + 3]);
                }
            }
        }
    }
    let count = rows.len() * options.count;
    eprintln!("{:.1} pictures a second", count as f32 / started.elapsed().as_secs_f32());
    let size = tiny_skia::IntSize::from_wh(width as u32, height as u32).ok_or("the sheet is empty")?;
    let map = tiny_skia::Pixmap::from_vec(pixels, size).ok_or("the sheet is too large")?;
    map.save_png(path).map_err(|problem| format!("{path}: {problem}"))
}

fn pool(options: &Options) -> Result<(), String> {
    let folder = Path::new(options.words.get(1).ok_or("pool needs a folder")?);
    std::fs::create_dir_all(folder).map_err(|problem| format!("{}: {problem}", folder.display()))?;
    shard(options, folder, "held-out", HELD_OUT_SEED)?;
    (options.from..options.shards)
        .try_for_each(|index| shard(options, folder, &format!("{index:04}"), index * SHARD_SEEDS))
}

fn shard(options: &Options, folder: &Path, name: &str, seed: u64) -> Result<(), String> {
    let path = folder.join(name);
    let done = path.with_extension("json");
    if done.exists() {
        return Ok(());
    }
    let say = |problem: std::io::Error| format!("{}: {problem}", path.display());
    let file = std::fs::File::create(path.with_extension("npy")).map_err(say)?;
    let mut file = std::io::BufWriter::new(file);
    file.write_all(&numpy_head(options.count, options.size)).map_err(say)?;
    let started = Instant::now();
    let mut labels = Vec::new();
    for index in 0..options.count {
        let painted = compose(seed + index as u64, options.size, Asked::default());
        file.write_all(&bytes(&painted).collect::<Vec<u8>>()).map_err(say)?;
        let (caption, subject, style) = (&painted.caption, painted.subject, painted.style.name());
        labels.push(format!("{{\"caption\": {caption:?}, \"subject\": {subject:?}, \"style\": {style:?}}}"));
    }
    file.flush().map_err(say)?;
    // The captions come last: where they are, the shard is whole.
    let unfinished = path.with_extension("unfinished");
    std::fs::write(&unfinished, format!("[{}]\n", labels.join(",\n"))).map_err(say)?;
    std::fs::rename(&unfinished, &done).map_err(say)?;
    eprintln!(
        "{name}: {} pictures, {:.0} a second",
        options.count,
        options.count as f32 / started.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Version 1.0 of NumPy's format: magic, length, and a Python dictionary padded to 64 bytes.
fn numpy_head(count: usize, size: usize) -> Vec<u8> {
    let mut said = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, {size}, {size}, 3), }}");
    while (10 + said.len() + 1) % 64 != 0 {
        said.push(' ');
    }
    said.push('\n');
    let mut head = b"\x93NUMPY\x01\x00".to_vec();
    head.extend((said.len() as u16).to_le_bytes());
    head.extend(said.as_bytes());
    head
}
