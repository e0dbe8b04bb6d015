//! What the pictures of a job are to show, as the networks of a model take it. Entry i is text i of an estimate; the
//! last is what guidance leads away from.

use std::any::Any;
use std::cell::RefCell;

use candle_core::Tensor;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::model::Asked;
use crate::error::{Error, Result};

/// A job's conditions.
pub struct Conditions {
    told: Told,
    /// The texts as the networks of stages I and II take them, once they have: of a type of their own.
    contexts: RefCell<[Option<Box<dyn Any>>; 2]>,
}

enum Told {
    /// Prompt embeddings [n, tokens, d] in f32, with their hash.
    Texts { embeds: Tensor, sha256: String },
    /// Of each entry, the class of each picture of a run, gone through again and again; `None` is no class.
    Classes(Vec<Vec<Option<usize>>>),
    /// So many entries of nothing.
    Nothing(usize),
}

impl Conditions {
    fn new(told: Told) -> Self {
        Self { told, contexts: RefCell::default() }
    }

    /// Texts, from their embeddings [n, tokens, d] in f32.
    pub fn texts(embeds: Tensor) -> Result<Self> {
        let mut hasher = Sha256::new();
        for value in embeds.flatten_all()?.to_vec1::<f32>()? {
            hasher.update(value.to_le_bytes());
        }
        let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self::new(Told::Texts { embeds, sha256 }))
    }

    /// Classes by number: of each entry, that of each picture of a run, gone through again and again.
    pub fn classes(entries: Vec<Vec<Option<usize>>>) -> Self {
        Self::new(Told::Classes(entries))
    }

    /// `entries` of nothing, for a network that is told nothing.
    pub fn nothing(entries: usize) -> Self {
        Self::new(Told::Nothing(entries))
    }

    /// The prompts of `asked` as classes that `class` knows by number; an empty one is no class.
    pub(super) fn of_classes(asked: &Asked<'_>, class: impl Fn(&str) -> Result<usize>) -> Result<Self> {
        let entry = |prompt: &str| -> Result<Vec<Option<usize>>> {
            Ok(vec![if prompt.trim().is_empty() { None } else { Some(class(prompt)?) }])
        };
        Ok(Self::classes(asked.entries().map(entry).collect::<Result<_>>()?))
    }

    /// Nothing, where `asked` asks for nothing; `other` is a model that could be told something.
    pub(super) fn of_nothing(asked: &Asked<'_>, other: &str) -> Result<Self> {
        match asked.entries().find(|prompt| !prompt.trim().is_empty()) {
            None => Ok(Self::nothing(asked.entries().count())),
            Some(prompt) => Err(Error::arguments(format!("the model is told nothing, not `{}` either", prompt.trim()))
                .at("prompt")
                .hint(format!("leave --prompt and --negative out, or choose {other}"))),
        }
    }

    /// The entry that guidance leads away from.
    pub fn negative(&self) -> usize {
        let entries = match &self.told {
            Told::Texts { embeds, .. } => embeds.dims().first().copied().unwrap_or(0),
            Told::Classes(entries) => entries.len(),
            Told::Nothing(entries) => *entries,
        };
        entries.saturating_sub(1)
    }

    /// Whether there is anything that guidance could strengthen.
    pub fn guides(&self) -> bool {
        !matches!(self.told, Told::Nothing(_))
    }

    /// What a run's recording keeps of them: the prompts' embeddings [p, tokens, d] without the last.
    pub fn tensors(&self) -> Result<Vec<(&'static str, Tensor)>> {
        Ok(match &self.told {
            Told::Texts { embeds, .. } => vec![("prompt_embeds", embeds.narrow(0, 0, self.negative())?)],
            Told::Classes(_) | Told::Nothing(_) => Vec::new(),
        })
    }

    /// What names them in a result.
    pub fn hashes(&self) -> Map<String, Value> {
        match &self.told {
            Told::Texts { sha256, .. } => Map::from_iter([("prompt_embeds_sha256".to_owned(), json!(sha256))]),
            Told::Classes(_) | Told::Nothing(_) => Map::new(),
        }
    }

    /// The texts as the network of stage `number` takes them, made by `make` the first time.
    pub(super) fn context<T: Clone + 'static>(
        &self,
        number: usize,
        make: impl FnOnce(&Tensor) -> Result<T>,
    ) -> Result<T> {
        let Told::Texts { embeds, .. } = &self.told else {
            return Err(Error::new("the network takes prompts, and was told none"));
        };
        let kept = &mut self.contexts.borrow_mut()[number - 1];
        if let Some(context) = kept.as_ref().and_then(|context| context.downcast_ref::<T>()) {
            return Ok(context.clone());
        }
        let made = make(embeds)?;
        *kept = Some(Box::new(made.clone()));
        Ok(made)
    }

    /// The class of picture `row` of a run under `text`.
    pub(super) fn class(&self, text: usize, row: usize) -> Option<usize> {
        match &self.told {
            Told::Classes(entries) => {
                entries.get(text).filter(|each| !each.is_empty()).and_then(|each| each[row % each.len()])
            }
            Told::Texts { .. } | Told::Nothing(_) => None,
        }
    }
}
