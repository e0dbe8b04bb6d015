//! How many tokens prompts have, counted once a prompt in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::background::{Background, Pending};
use crate::error::{Error, Result};
use crate::experiments::is_place;
use crate::models::{self, PromptTokenizer};

/// Tokens that the text encoder reads.
pub const TOKEN_LIMIT: usize = 77;

/// Counts that are kept.
const KEPT: usize = 2000;

/// How long a prompt is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens with the end mark; 0 where the model or its tokenizer is not there.
    pub tokens: usize,
    /// The end of the prompt that does not fit.
    pub cut: Option<String>,
}

enum Count {
    Asked(Pending<TokenCount>),
    Here(TokenCount),
}

/// What was found of each model's tokenizer.
type Tokenizers = Arc<Mutex<HashMap<String, Result<Arc<PromptTokenizer>>>>>;

/// The counts, by model and prompt.
#[derive(Default)]
pub struct TokenCounts {
    counts: HashMap<(String, String), Count>,
    tokenizers: Tokenizers,
}

impl TokenCounts {
    /// The count, if it is there by now.
    pub fn get(&mut self, model: &str, prompt: &str, background: &Background) -> Option<TokenCount> {
        if self.counts.len() > KEPT {
            self.counts.clear();
        }
        let key = (model.to_owned(), prompt.to_owned());
        let count = self.counts.entry(key).or_insert_with_key(|(model, prompt)| {
            let (model, prompt, tokenizers) = (model.clone(), prompt.clone(), Arc::clone(&self.tokenizers));
            let name = format!("counting tokens for the model {model}");
            Count::Asked(background.run_opening(is_place(&model), name, move || count(&model, &prompt, &tokenizers)))
        });
        match count {
            Count::Asked(_) => None,
            Count::Here(count) => Some(count.clone()),
        }
    }

    /// Takes in what has been counted; what went wrong.
    pub fn poll(&mut self) -> Vec<Error> {
        let mut wrong = Vec::new();
        for count in self.counts.values_mut() {
            if let Count::Asked(pending) = count
                && let Some(answer) = pending.take()
            {
                *count = Count::Here(answer.unwrap_or_else(|error| {
                    wrong.push(error);
                    TokenCount::default()
                }));
            }
        }
        wrong
    }
}

fn count(model: &str, prompt: &str, tokenizers: &Tokenizers) -> Result<TokenCount> {
    let known = tokenizers.lock().unwrap_or_else(PoisonError::into_inner).get(model).cloned();
    let tokenizer = match known {
        Some(tokenizer) => tokenizer,
        None => {
            // While a model's name is being typed, there is none yet.
            let folder = models::find_model(model).ok().and_then(|folder| folder.subfolder("tokenizer"));
            let Some(folder) = folder else { return Ok(TokenCount::default()) };
            let tokenizer = PromptTokenizer::open(&folder).map(Arc::new);
            let mut tokenizers = tokenizers.lock().unwrap_or_else(PoisonError::into_inner);
            tokenizers.insert(model.to_owned(), tokenizer.clone());
            tokenizer
        }
    };
    let tokenizer = tokenizer?;
    let tokens = tokenizer.tokenize(prompt)?;
    Ok(TokenCount { tokens: tokens.len, cut: tokens.cut })
}
