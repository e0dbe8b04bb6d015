use std::time::{Duration, Instant};

use diffusion_lab::pictures::encode_png;
use diffusion_lab::worker::{Event, JobId, Summary, What};
use egui_kittest::kittest::Queryable;
use image::{Rgb, RgbImage};

use crate::app::{Scripted, scripted, until, window};

/// Memory that this process holds now, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// A thousand jobs wait: they are listed, frames stay short, and what is done with each goes with it.
#[test]
fn a_thousand_jobs_wait_without_weight() {
    let (_home, engine, mut harness) = scripted();
    let begun = Instant::now();
    for _ in 0..1000 {
        let recipe = harness.state().shared.session.recipe().clone();
        let folder = harness.state().gallery.folder().to_owned();
        let destination = diffusion_lab::worker::Destination::Gallery(folder);
        harness.state_mut().shared.queue.submit(recipe, destination);
    }
    harness.run_ok();
    harness.get_by_label("1000 jobs").click();
    (0..20).for_each(|_| harness.step());
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    for id in 1..=1000 {
        let ends = [
            What::Started,
            What::Finished(Summary { pictures: 0, files: Vec::new(), seconds: 1.0, figure: Vec::new() }),
        ];
        ends.into_iter().for_each(|what| engine.with(|script| script.events.push_back(Event { job: JobId(id), what })));
    }
    harness.step();
    let jobs = &harness.state().shared.queue.jobs;
    assert_eq!(jobs.open().count(), 0);
    assert!(jobs.all.len() <= 31, "{} jobs are kept", jobs.all.len());
}

/// Ten thousand pictures: the window is up in a second or so, and holds the thumbnails of those that are seen alone.
#[test]
fn a_gallery_of_ten_thousand_is_listed_at_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("gallery");
    std::fs::create_dir(&folder).unwrap();
    let first = folder.join("sample-000001.png");
    std::fs::write(&first, encode_png(&RgbImage::from_pixel(64, 64, Rgb([90, 20, 20])), None).unwrap()).unwrap();
    // Links to one file: as many names, and no time to write them.
    (2..=10_000).for_each(|n| std::fs::hard_link(&first, folder.join(format!("sample-{n:06}.png"))).unwrap());
    #[cfg(target_os = "linux")]
    let before = resident();
    let begun = Instant::now();
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the list", |lab| lab.gallery.paths.len() == 10_000);
    let listed = begun.elapsed();
    (0..30).for_each(|_| harness.step());
    assert!(listed < Duration::from_secs(20), "{listed:?}");
    println!("10,000 pictures are listed in {listed:?}");
    #[cfg(target_os = "linux")]
    {
        // Other tests run in this process, so only the order of it can be held: not the 120 MB of all pixels.
        let grown = resident().saturating_sub(before);
        println!("and take {} MB", grown >> 20);
    }
}
