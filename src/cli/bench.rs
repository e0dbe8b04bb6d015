//! `diffusion-lab bench`: how long this machine takes for what the program does, a row at a time.
//!
//! Rows are those of tests/reference/bench_diffusers.py, so that the two can be laid side by side.

use std::time::Instant;

use candle_core::{DType, Device};
use clap::ArgMatches;
use serde_json::json;

use super::arguments::worker_options;
use crate::error::{Error, Result};
use crate::experiments::Recipe;
use crate::models::deepfloyd::{Published, Unet};
use crate::tensors::Generator;
use crate::tensors::cpu::Isa;
use crate::weights::Weights;
use crate::worker::{Destination, Job, Options, What, Worker, peak_memory_bytes};

/// A row: its name, what it is, and its timed runs in seconds.
struct Row {
    name: &'static str,
    what: &'static str,
    run: fn(&Options, usize) -> Result<Vec<f64>>,
}

const ROWS: [Row; 3] = [
    Row {
        name: "if-i-m",
        what: "IF-I-M-sized UNet, 64 px, batch 2, one forward",
        run: |o, n| forward(o, n, Published::IM, 2),
    },
    Row {
        name: "if-ii-m",
        what: "IF-II-M-sized UNet, 256 px, batch 1, one forward",
        run: |o, n| forward(o, n, Published::IIM, 1),
    },
    Row { name: "built-in", what: "built-in model, 20 guided steps", run: built_in },
];

/// Prints the table.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let options = worker_options(matches)?;
    let repeat = matches.get_one::<u16>("repeat").map_or(5, |repeat| usize::from(*repeat));
    let wanted: Vec<&String> = matches.get_many("ROW").into_iter().flatten().collect();
    if let Some(unknown) = wanted.iter().find(|name| ROWS.iter().all(|row| row.name != ***name)) {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        return Err(
            Error::arguments(format!("there is no row `{unknown}`")).hint(format!("the rows are {}", names.join(", ")))
        );
    }
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    for row in ROWS.iter().filter(|row| wanted.is_empty() || wanted.iter().any(|name| *name == row.name)) {
        let mut seconds = (row.run)(&options, repeat)?;
        seconds.sort_by(f64::total_cmp);
        let (median, least) = (seconds[seconds.len() / 2], seconds[0]);
        if matches.get_flag("json") {
            let line = json!({
                "row": row.name, "seconds_median": median, "seconds_least": least, "runs": seconds.len(),
                "threads": threads, "isa": Isa::get().name(), "low_memory": options.low_memory,
                "peak_memory_bytes": peak_memory_bytes(),
            });
            println!("{line}");
        } else {
            println!("{median:9.4} s  (least {least:.4} of {})  {}: {}", seconds.len(), row.name, row.what);
        }
    }
    Ok(())
}

/// Forwards of a network with invented weights, on the CPU or wherever `options` say.
fn forward(options: &Options, repeat: usize, network: Published, batch: usize) -> Result<Vec<f64>> {
    let config = network.config()?;
    let device: Device = options.device.open()?;
    let unet = Unet::load(&config, &Weights::invented(), &device, DType::F32, options.low_memory)?;
    let (size, channels) = (config.sample_size, config.in_channels);
    let mut noise = Generator::new(180);
    let x = noise.randn_tensor((batch, channels, size, size), &device)?;
    let text = unet.text(&noise.randn_tensor((batch, 77, config.encoder_hid_dim), &device)?)?;
    let noise_level = config.noise_level.then_some(250);
    let time = |step: usize| -> Result<f64> {
        let start = Instant::now();
        unet.forward(&x, 900 - step, noise_level, &text, &|| Ok(()))?.to_device(&Device::Cpu)?;
        Ok(start.elapsed().as_secs_f64())
    };
    let run = || (0..=repeat).map(time).skip(1).collect::<Result<Vec<f64>>>();
    match options.threads {
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.map_err(|error| Error::new(error.to_string()))?.install(run)
        }
        None => run(),
    }
}

/// Whole jobs of the worker, without the loading of the model and the encoding of the prompt.
fn built_in(options: &Options, repeat: usize) -> Result<Vec<f64>> {
    let recipe =
        json!({ "experiment": "sample", "model": "built-in", "stage_2": "none", "steps": [20], "seed": [180] });
    let recipe = Recipe::from_json(recipe.as_object().unwrap_or(&serde_json::Map::new()))?;
    let worker = Worker::spawn(*options, || {})?;
    let mut seconds = Vec::new();
    for _ in 0..=repeat {
        let start = Instant::now();
        worker.submit(Job { recipe: recipe.clone(), destination: Destination::Nowhere });
        loop {
            match worker.events().recv().map_err(|_| Error::new("the worker is gone"))?.what {
                What::Finished(_) => break,
                What::Failed(error) => return Err(error),
                What::Cancelled => return Err(Error::cancelled()),
                _ => {}
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok(seconds.split_off(1))
}
