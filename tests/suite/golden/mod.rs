//! Files that the program made as it once was (`tests/golden`), opened the way a person opens them, run, and held to
//! what they were: who has a picture keeps it, whatever is built anew inside.
//!
//! `tests/golden/README.md` says what is in the folder and how it grows. Paths in its recipes are relative to the
//! repository, where cargo runs tests.

/// Every result, made again whole.
mod again;
/// Every picture, made again from the recipe inside it.
mod alone;
/// The commands, and what each left.
mod case;
/// Equal, near enough, or not.
mod compare;
/// All there is to set is set somewhere.
mod covered;
/// The program itself: flags, events, `run FILE`.
mod doors;
/// What is left out of a short recipe, the rows of the course, and the flags.
mod listed;
/// Makes what is not there yet.
mod make;
/// What must not pass.
mod refused;
/// The window: its session, its gallery, files dropped on it.
mod window;

use diffusion_lab::experiments::Recipe;
use diffusion_lab::models::DeviceChoice;
use diffusion_lab::worker::{Destination, FinishedPicture, Job, Options, Summary, What, Worker};

use case::Case;

/// A worker, kept from job to job so that networks are read once.
pub struct Runner(Worker);

/// What a job came to.
pub struct Ended {
    /// Its files, and how many pictures.
    pub summary: Summary,
    /// Its pictures, in order.
    pub pictures: Vec<FinishedPicture>,
}

impl Runner {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// One of its own for a command with options of its own, which no recipe holds.
    pub fn of(case: &Case) -> Option<Self> {
        case.has("--low-memory").then(|| Self::with(Options { low_memory: true, ..Options::default() }))
    }

    fn with(options: Options) -> Self {
        Self(Worker::spawn(Options { device: DeviceChoice::Cpu, ..options }, || {}).unwrap())
    }

    /// Runs a recipe to its end; fails with the job's own error.
    pub fn run(&self, recipe: Recipe, destination: Destination) -> Result<Ended, String> {
        self.0.submit(Job { recipe, destination });
        let mut pictures = Vec::new();
        loop {
            match self.0.events().recv().unwrap().what {
                What::Picture(picture) => pictures.push(*picture),
                What::Finished(summary) => return Ok(Ended { summary, pictures }),
                What::Failed(error) => return Err(error.to_string()),
                What::Cancelled => return Err("cancelled".to_owned()),
                _ => {}
            }
        }
    }
}
