//! `diffusion-lab bench`: how long this machine takes for what the program does, a row at a time.
//!
//! Rows are those of tests/reference/bench_diffusers.py and bench_digits.py, so that they can be laid side by side.

mod networks;
mod training;

use std::time::Instant;

use candle_core::DType;
use clap::ArgMatches;
use serde_json::{Map, json};

use super::arguments::{chosen_rows, worker_options};
use super::{print_json, print_line};
use crate::error::{Error, Result};
use crate::experiments::Recipe;
use crate::files::peak_memory_bytes;
use crate::models::deepfloyd::Published;
use crate::models::device_name;
use crate::models::digits::Kind;
use crate::tensors::cpu::Isa;
use crate::worker::{Destination, Job, Options, What, Worker};

/// How a row is run.
struct Given {
    options: Options,
    /// Timed runs, after one that is not.
    repeat: usize,
    /// Number format of the networks' weights.
    dtype: DType,
}

/// A row: its name, what it is, and its timed runs in seconds.
struct Row {
    name: &'static str,
    what: &'static str,
    run: fn(&Given) -> Result<Vec<f64>>,
}

const ROWS: [Row; 6] = [
    Row {
        name: "if-i-m",
        what: "IF-I-M-sized UNet, 64 px, batch 2, one forward",
        run: |given| networks::forward(given, Published::IM, 2),
    },
    Row {
        name: "if-i-m-20",
        what: "IF-I-M-sized, 64 px, 20 guided steps",
        run: |given| networks::guided(given, Published::IM, 20),
    },
    Row {
        name: "if-ii-m",
        what: "IF-II-M-sized UNet, 256 px, batch 1, one forward",
        run: |given| networks::forward(given, Published::IIM, 1),
    },
    Row { name: "built-in", what: "built-in model, 20 guided steps", run: built_in },
    Row {
        name: "class-64",
        what: "class-conditioned digit UNet, D 64, batch 64, one training step",
        run: |given| training::steps(given, Kind::Class, 64, 64),
    },
    Row {
        name: "denoiser-128",
        what: "digit denoiser, D 128, batch 256, one training step",
        run: |given| training::steps(given, Kind::Denoiser, 128, 256),
    },
];

/// Prints the table.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let dtype = match matches.get_one::<String>("dtype").map(String::as_str) {
        Some("f16") => DType::F16,
        Some("bf16") => DType::BF16,
        _ => DType::F32,
    };
    let repeat = matches.get_one::<u16>("repeat").map_or(5, |repeat| usize::from(*repeat));
    let given = Given { options: worker_options(matches)?, repeat, dtype };
    let rows = chosen_rows(matches, &ROWS, |row| row.name)?;
    let threads = given.options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let device = device_name(&given.options.device.open()?);
    for row in rows {
        let mut seconds = given.on_its_threads(|| given.options.layout.scope(|| (row.run)(&given)))?;
        seconds.sort_by(f64::total_cmp);
        let (median, least) = (seconds[seconds.len() / 2], seconds[0]);
        if matches.get_flag("json") {
            let line = json!({
                "row": row.name, "seconds_median": median, "seconds_least": least, "runs": seconds.len(),
                "device": device, "threads": threads, "isa": Isa::get().name(), "dtype": dtype.as_str(),
                "low_memory": given.options.low_memory, "peak_memory_bytes": peak_memory_bytes(),
            });
            print_json(line)?;
        } else {
            print_line(format_args!(
                "{median:9.4} s  (least {least:.4} of {})  {}: {}",
                seconds.len(),
                row.name,
                row.what
            ))?;
        }
    }
    Ok(())
}

impl Given {
    /// Runs `work` on as many threads as were asked for.
    fn on_its_threads<R: Send>(&self, work: impl FnOnce() -> Result<R> + Send) -> Result<R> {
        match self.options.threads {
            Some(threads) => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.map_err(|error| Error::new(error.to_string()))?.install(work)
            }
            None => work(),
        }
    }

    /// The times of all runs but the first.
    fn times(&self, mut run: impl FnMut(usize) -> Result<()>) -> Result<Vec<f64>> {
        let mut seconds = Vec::new();
        for number in 0..=self.repeat {
            let start = Instant::now();
            run(number)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        Ok(seconds.split_off(1))
    }
}

/// Whole jobs of the worker, without the loading of the model and the encoding of the prompt.
fn built_in(given: &Given) -> Result<Vec<f64>> {
    let recipe = json!({
        "experiment": "sample", "model": "built-in", "stage_2": "none", "steps": [20], "seed": [180],
        "dtype": given.dtype.as_str(),
    });
    let recipe = Recipe::from_json(recipe.as_object().unwrap_or(&Map::new()))?;
    let worker = Worker::spawn(given.options, || {})?;
    given.times(|_| {
        worker.submit(Job { recipe: recipe.clone(), destination: Destination::Nowhere });
        loop {
            match worker.events().recv().map_err(|_| Error::new("the worker is gone"))?.what {
                What::Finished(_) => return Ok(()),
                What::Failed(error) => return Err(error),
                What::Cancelled => return Err(Error::cancelled()),
                _ => {}
            }
        }
    })
}
