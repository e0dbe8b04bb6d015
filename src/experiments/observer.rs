//! What an experiment says while it runs, and how it is told to stop. It knows no thread and no window.

use super::Picture;
use super::outcome::Trajectory;
use crate::diffusion::run::Step;
use crate::error::Result;

/// One thing said by a running experiment.
pub enum Progress<'a> {
    /// Something that the user should know (a prompt was cut).
    Note(String),
    /// How many denoising steps the whole job will take in stage I and in stage II.
    Planned([usize; 2]),
    /// A denoising step is done.
    Step(StageStep<'a>),
    /// A picture is finished.
    Picture(Box<Picture>),
    /// A run's tensors are complete.
    Trajectory(Trajectory),
}

/// A denoising step of one of the two stages.
pub struct StageStep<'a> {
    /// 1 or 2.
    pub stage: usize,
    /// How many steps this run of the stage has.
    pub of: usize,
    /// What the step left.
    pub step: &'a Step,
}

/// Whoever started the experiment.
pub trait Observer {
    /// An error (`Error::cancelled`) once the experiment is to stop; asked between steps and within them.
    fn check(&self) -> Result<()>;

    /// Takes what the experiment says; an error ends it.
    fn say(&mut self, progress: Progress<'_>) -> Result<()>;

    /// Whether whole trajectories are wanted.
    fn wants_trajectory(&self) -> bool;
}
