//! Requests as the pool takes them: which wait for which, what they are called, and how each is answered where the work
//! breaks off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::pool::{Refusal, Work};
use super::{Answer, Request, work};
use crate::error::{Error, Result};
use crate::experiments::Source;
use crate::models::Tokenizer;

/// What was found of each model's tokenizer.
pub type Tokenizers = Mutex<HashMap<String, Result<Arc<Tokenizer>>>>;

/// What the threads share.
#[derive(Default)]
pub struct Desk {
    tokenizers: Tokenizers,
}

impl Work for Desk {
    type Request = Request;
    type Answer = Answer;

    /// What the window keeps for itself is written in order and waits for nothing else.
    fn lanes(&self) -> Vec<usize> {
        vec![1, 2]
    }

    fn lane(&self, request: &Request) -> usize {
        usize::from(!matches!(request, Request::Save(..) | Request::Tidy(..)))
    }

    fn name(&self, request: &Request) -> String {
        match request {
            Request::List(folder) | Request::Runs(folder) => format!("listing {}", folder.display()),
            Request::Thumbnail(path) | Request::Picture(path) | Request::Resumed(_, path) => {
                format!("reading {}", path.display())
            }
            Request::Mask(Source::File(path), _) => format!("reading the mask {}", path.display()),
            Request::Open(path, _) => format!("opening {}", path.display()),
            Request::Mask(..) => "reading the mask".to_owned(),
            Request::Shrink(_) | Request::Square(..) => "resizing a picture".to_owned(),
            Request::Turn(..) => "turning a picture".to_owned(),
            Request::Blur(_) => "blurring a picture".to_owned(),
            Request::Glance(model, _) | Request::Recommend(model, _) => format!("looking at the model {model}"),
            Request::Tokens(model, _) => format!("counting tokens for the model {model}"),
            Request::Digits(name) => format!("reading the digits {name}"),
            Request::Branch { path, .. } => format!("writing {}", path.display()),
            Request::Export(..) | Request::ExportRuns(..) | Request::ExportPage(..) => "saving a file".to_owned(),
            Request::Choose(_) => "asking for a file".to_owned(),
            Request::Models => "looking for models".to_owned(),
            Request::Tidy(..) => "removing kept pictures".to_owned(),
            Request::Save(..) => "saving the session".to_owned(),
        }
    }

    fn answer(&self, request: Request) -> Answer {
        work::answer(request, &self.tokenizers)
    }

    fn refusal(&self, request: &Request) -> Refusal<Answer> {
        match request {
            Request::Picture(path) => told(path, |path, error| Answer::Picture(path, Err(error))),
            // Shown as a picture that cannot be read.
            Request::Thumbnail(path) => told(path, |path, _| Answer::Thumbnail(path, None)),
            Request::Mask(source, _) => told(source, |source, error| Answer::Mask(source, Err(error))),
            Request::Turn(pixels, views) => told(&(Arc::clone(pixels), views.clone()), |(pixels, views), error| {
                Answer::Turned(pixels, views, Err(error))
            }),
            Request::Blur(pixels) => told(pixels, |pixels, error| Answer::Blurred(pixels, Err(error))),
            Request::Glance(model, stage_2) => {
                told(&(model.clone(), stage_2.clone()), |of, error| Answer::Glanced(of, Err(error)))
            }
            Request::Digits(name) => told(name, |name, error| Answer::Digits(name, Err(error))),
            Request::Resumed(job, _) => told(job, |job, error| Answer::Resumed(job, Err(error))),
            Request::Open(path, _) => told(path, |path, error| Answer::Opened(path, Err(error))),
            Request::Tokens(model, prompt) => told(&(model.clone(), prompt.clone()), |(model, prompt), error| {
                Answer::Tokens(model, prompt, Err(error))
            }),
            Request::Choose(purpose) => told(purpose, |purpose, error| Answer::Chosen(purpose, Err(error))),
            Request::Branch { .. } => Box::new(|error| Answer::Branched(Err(error))),
            Request::Export(..) | Request::ExportRuns(..) | Request::ExportPage(..) => {
                Box::new(|error| Answer::Exported(Err(error)))
            }
            Request::Save(..) => Box::new(|error| Answer::Saved(Err(error))),
            // Of the rest nobody waits for an answer: the line is enough.
            _ => Box::new(Answer::Said),
        }
    }

    fn notice(&self, error: Error) -> Answer {
        Answer::Said(error)
    }
}

/// The answer that tells what went wrong about `of`.
fn told<T: Clone + Send + 'static>(of: &T, answer: fn(T, Error) -> Answer) -> Refusal<Answer> {
    let of = of.clone();
    Box::new(move |error| answer(of, error))
}
