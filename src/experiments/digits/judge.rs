//! A classifier at work on many digits: what it reads, and how often that is right.

use crate::datasets::Split;
use crate::error::Result;
use crate::experiments::Observer;
use crate::models::digits::{Mode, Network};

/// Digits that a classifier judges at once.
const AT_ONCE: usize = 500;

/// What `network` reads in the pictures of `split`: the likeliest class of each, and the features where they are
/// wanted.
pub fn read(network: &Network, split: &Split, observer: &dyn Observer) -> Result<(Vec<u8>, Vec<Vec<f32>>)> {
    let (mut classes, mut features) = (Vec::with_capacity(split.count()), Vec::with_capacity(split.count()));
    let all: Vec<usize> = (0..split.count()).collect();
    for indices in all.chunks(AT_ONCE) {
        observer.check()?;
        let judgement = network.classify(&split.tensor(indices, network.device())?, Mode::Evaluate)?;
        let likeliest: Vec<u32> = judgement.logits.argmax(1)?.to_vec1()?;
        classes.extend(likeliest.into_iter().map(|class| class as u8));
        features.extend(judgement.features.to_vec2::<f32>()?);
    }
    Ok((classes, features))
}

/// Part of the pictures whose class is the one of their label.
pub fn accuracy(classes: &[u8], labels: &[u8]) -> f64 {
    let right = classes.iter().zip(labels).filter(|(class, label)| class == label).count();
    right as f64 / labels.len().max(1) as f64
}
