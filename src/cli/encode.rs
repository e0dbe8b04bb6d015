//! `diffusion-lab encode`: prompts to embeddings, so that a small machine can use a big encoder's work.

use std::path::Path;

use clap::ArgMatches;

use super::arguments::worker_options;
use crate::error::Result;
use crate::models::{clean_caption, find_model, load_text, plain_caption};
use crate::weights::write_embeddings;

/// Writes the embeddings of each prompt, [1, 77, d], under the prompt itself.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let model = matches.get_one::<String>("model").map_or("built-in", String::as_str);
    let out = matches.get_one::<String>("out").map_or("", String::as_str);
    let device = worker_options(matches)?.device.open()?;
    let (tokenizer, encoder) = load_text(&find_model(model)?, &device)?;
    let mut embeddings = Vec::new();
    for prompt in matches.get_many::<String>("prompt").into_iter().flatten() {
        let caption = if matches.get_flag("clean-caption") { clean_caption(prompt) } else { plain_caption(prompt) };
        let tokens = tokenizer.tokenize(&caption)?;
        if let Some(cut) = &tokens.cut {
            eprintln!("diffusion-lab: note: the prompt is longer than 77 tokens and was cut; not used: \"{cut}\"");
        }
        embeddings.push((prompt.clone(), encoder.encode(&tokens)?));
    }
    write_embeddings(Path::new(out), &embeddings)
}
