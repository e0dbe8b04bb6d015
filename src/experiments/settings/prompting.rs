//! What is to be drawn, in words.

use super::Needs;

settings! {
    /// Prompts and how they are read.
    Prompting in prompting {
        /// What to draw; lower-cased and stripped, cut at 77 tokens
        prompt: Vec<String> = vec!["a high quality photo".to_owned()], "Prompt", Prompts, many,
        needs(Needs::Conditions);
        /// What guidance leads away from; empty is the unconditional prompt
        negative: String = String::new(), "Negative prompt", Text, needs(Needs::Conditions);
        /// Clean prompts as IF's pipeline does: links, HTML, odd quotes
        clean_caption: bool = false, "Clean captions", Switch, needs(Needs::Words);
        /// A file of prompt embeddings (.safetensors or the course's .pth)
        embeddings: Option<String> = None, "Embeddings", File, needs(Needs::Words);
    }
}
