//! `diffusion-lab encode`: prompts to embeddings, so that a small machine can use a big encoder's work.

use std::path::Path;

use clap::ArgMatches;

use super::arguments::worker_options;
use super::bar::Bar;
use super::say;
use crate::error::Result;
use crate::models::encode;
use crate::weights::write_embeddings;

/// Writes the embeddings of each prompt, [1, 77, d], under the prompt itself.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let text = |name: &str, usual: &'static str| matches.get_one::<String>(name).map_or(usual, String::as_str);
    let device = worker_options(matches)?.device.open()?;
    let prompts: Vec<&String> = matches.get_many::<String>("prompt").into_iter().flatten().collect();
    let bar = Bar::on_terminal(true);
    let texts: Vec<&str> = prompts.iter().map(|prompt| prompt.as_str()).collect();
    let (model, text_encoder) = (text("model", "built-in"), text("text-encoder", "auto"));
    let clean = matches.get_flag("clean-caption");
    let encoded = encode(model, text_encoder, &texts, clean, &device, &mut |done, of| {
        bar.draw(&format!("the text encoder, layer {} of {of}", done + 1));
        Ok(())
    })?;
    bar.clear();
    for cut in encoded.iter().filter_map(|encoded| encoded.cut.as_deref()) {
        say(format_args!("note: the prompt is longer than 77 tokens and was cut; not used: \"{cut}\""));
    }
    let embeddings: Vec<_> =
        prompts.into_iter().cloned().zip(encoded.into_iter().map(|encoded| encoded.embeds)).collect();
    write_embeddings(Path::new(text("out", "")), &embeddings)
}
