//! The window's helper threads: a panic, a thread that dies and a request that hangs cost their own request alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use diffusion_lab::app::helper::{MOST_STUCK, Pool, Refusal, Work};
use diffusion_lab::error::Error;

use super::{Scripted, drop_file, scripted, until, window};
use crate::bad_files::WRONG_TABLES;
use crate::special_files::pipe;

const PATIENCE: Duration = Duration::from_millis(80);

/// What the trial threads are asked.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Add(u32),
    Panic,
    /// Until the gate opens.
    Hang(u32),
    /// The lane of what the window keeps.
    Keep(u32),
}

type Gate = Arc<(Mutex<bool>, Condvar)>;

#[derive(Default)]
struct Trial {
    gate: Gate,
}

impl Work for Trial {
    type Request = Ask;
    type Answer = Result<u32, String>;

    fn lanes(&self) -> Vec<usize> {
        vec![1, 2]
    }

    fn lane(&self, request: &Ask) -> usize {
        usize::from(!matches!(request, Ask::Keep(_)))
    }

    fn name(&self, request: &Ask) -> String {
        format!("{request:?}")
    }

    fn answer(&self, request: Ask) -> Self::Answer {
        match request {
            Ask::Add(number) | Ask::Keep(number) => Ok(number + 1),
            Ask::Panic => panic!("out of bounds"),
            Ask::Hang(number) => {
                let (open, opened) = &*self.gate;
                drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
                Ok(number)
            }
        }
    }

    fn refusal(&self, _: &Ask) -> Refusal<Self::Answer> {
        Box::new(|error| Err(error.to_string()))
    }

    fn notice(&self, error: Error) -> Self::Answer {
        Err(format!("notice: {error}"))
    }
}

type Answers = Vec<(bool, Result<u32, String>)>;

/// The next answer, and whether it answers a request.
fn next(pool: &Pool<Trial>) -> (bool, Result<u32, String>) {
    let begun = Instant::now();
    loop {
        if let Some((ticket, answer)) = pool.answer() {
            return (ticket.is_some(), answer);
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no answer");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn open(gate: &Gate) {
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

#[test]
fn a_panic_answers_its_request_and_the_next_are_answered_too() {
    // A panic's backtrace takes a while on a busy machine.
    let pool = Pool::spawn(Trial::default(), Duration::from_secs(600), || {});
    for number in 0..20 {
        pool.ask(Ask::Panic);
        let (asked, answer) = next(&pool);
        let line = answer.unwrap_err();
        assert!(asked && line.contains("Panic broke off: out of bounds"), "{line}");
        pool.ask(Ask::Add(number));
        assert_eq!(next(&pool), (true, Ok(number + 1)));
    }
    pool.ask_apart(Ask::Panic);
    assert!(next(&pool).1.unwrap_err().contains("broke off"), "a dialog's thread as well");
}

/// Whatever kills a thread between two requests: another takes its place.
#[test]
fn threads_that_die_come_back() {
    let deadly = Arc::new(AtomicBool::new(false));
    let wake = {
        let deadly = Arc::clone(&deadly);
        move || assert!(!deadly.swap(false, Ordering::Relaxed), "the thread dies here")
    };
    let pool = Pool::spawn(Trial::default(), Duration::from_secs(600), wake);
    for number in 0..10 {
        deadly.store(true, Ordering::Relaxed);
        pool.ask(Ask::Keep(number));
        assert_eq!(next(&pool), (true, Ok(number + 1)), "the lane of one thread goes on");
    }
}

/// Two requests hang on two threads: a line for each, the queue goes on, and what they bring in the end still counts.
#[test]
fn what_hangs_holds_nothing_up() {
    let trial = Trial::default();
    let gate = Arc::clone(&trial.gate);
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let pool = Pool::spawn(trial, PATIENCE, move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    pool.ask(Ask::Hang(70));
    pool.ask(Ask::Hang(71));
    pool.ask(Ask::Keep(1));
    assert_eq!(next(&pool), (true, Ok(2)), "another lane does not wait at all");
    for number in 0..10 {
        pool.ask(Ask::Add(number));
    }
    let mut said: Answers = (0..12).map(|_| next(&pool)).collect();
    let notices: Vec<_> = said.extract_if(.., |(asked, _)| !*asked).map(|(_, line)| line.unwrap_err()).collect();
    assert!(notices.len() == 2 && notices[0].contains("takes longer than"), "{notices:?}");
    assert!(notices.iter().all(|line| line.starts_with("notice: Hang(7") && line.contains("goes on without it")));
    let mut numbers: Vec<u32> = said.into_iter().map(|(_, answer)| answer.unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    open(&gate);
    let mut late = [next(&pool), next(&pool)].map(|(asked, answer)| (asked, answer.unwrap()));
    late.sort_unstable();
    assert_eq!(late, [(true, 70), (true, 71)]);
    // The last call comes after its answer.
    while wakes.load(Ordering::Relaxed) < 15 {
        std::thread::yield_now();
    }
    // As many threads as before, and none too many: the order of requests shows nothing, but they are answered.
    for number in 0..50 {
        pool.ask(Ask::Add(number));
    }
    assert_eq!((0..50).map(|_| next(&pool).1.unwrap()).sum::<u32>(), (1..=50).sum::<u32>());
}

/// No more threads are left behind than stated; when one comes back, the queue goes on.
#[test]
fn threads_that_are_left_behind_are_few() {
    let trial = Trial::default();
    let gate = Arc::clone(&trial.gate);
    let pool = Pool::spawn(trial, PATIENCE, || {});
    let all = MOST_STUCK + 6;
    for _ in 0..all {
        pool.ask(Ask::Hang(7));
    }
    pool.ask(Ask::Add(1));
    // Each round two are found to hang; the last ones find no fresh thread, and are told that.
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.contains("too many of them")) {
        lines.push(next(&pool).1.unwrap_err());
    }
    assert!(lines.len() > MOST_STUCK && lines.len() <= MOST_STUCK + 2, "{}", lines.len());
    std::thread::sleep(PATIENCE * 3);
    while let Some((asked, answer)) = pool.answer() {
        assert!(asked.is_none() && answer.is_err(), "nothing was answered");
        lines.push(answer.unwrap_err());
    }
    assert!(lines.len() <= MOST_STUCK + 2, "{}", lines.len());
    pool.ask(Ask::Keep(4));
    assert_eq!(next(&pool), (true, Ok(5)), "the session is saved all the same");
    open(&gate);
    let answered = std::iter::repeat_with(|| next(&pool)).filter(|(asked, _)| *asked).take(all + 1);
    assert_eq!(answered.map(|(_, answer)| answer.unwrap()).sum::<u32>(), 7 * all as u32 + 2);
}

/// A pipe as source, a device, a tokenizer whose tables are wrong: each is said, and then all is as before.
#[test]
fn the_window_goes_on_after_every_bad_source() {
    let (home, _engine, mut harness) = scripted();
    let fifo = home.path().join("fifo.png");
    pipe(&fifo);
    let model = home.path().join("model");
    std::fs::create_dir_all(model.join("tokenizer")).expect("a folder");
    std::fs::write(model.join("model_index.json"), "{}").expect("a file");
    std::fs::write(model.join("tokenizer/tokenizer.json"), WRONG_TABLES).expect("a file");
    let says = |harness: &mut _, part: &str| {
        until(harness, part, |lab| lab.toasts.texts().any(|text| text.contains(part)));
    };
    let source = |path: &std::path::Path| Some(diffusion_lab::experiments::Source::File(path.to_owned()));
    "edit".clone_into(&mut harness.state_mut().session.panel);
    harness.state_mut().session.recipe_mut().image = source(&fifo);
    says(&mut harness, "(it is a pipe)");
    harness.state_mut().session.recipe_mut().image = source(std::path::Path::new("/dev/zero"));
    says(&mut harness, "(it is a device)");
    drop_file(&mut harness, &fifo);
    says(&mut harness, "Cannot read the file (it is a pipe)");
    harness.state_mut().toasts.clear();
    "sample".clone_into(&mut harness.state_mut().session.panel);
    let recipe = harness.state_mut().session.recipe_mut();
    (recipe.model, recipe.prompt) = (model.display().to_string(), vec!["a rocket".to_owned()]);
    says(&mut harness, "tables contradict each other");
    // Opening, listing and saving go on.
    let picture = home.path().join("picture.png");
    image::RgbImage::new(24, 24).save(&picture).expect("a picture");
    drop_file(&mut harness, &picture);
    until(&mut harness, "the picture", |lab| lab.session.recipe().image.is_some());
    let gallery = home.path().join("gallery");
    std::fs::create_dir_all(&gallery).expect("a folder");
    std::fs::copy(&picture, gallery.join("one.png")).expect("a copy");
    harness.input_mut().focused = false;
    harness.step();
    harness.input_mut().focused = true;
    until(&mut harness, "the gallery", |lab| lab.gallery.paths.len() == 1);
    harness.state_mut().session.recipe_mut().negative = "mud".to_owned();
    let file = home.path().join("session.json");
    until(&mut harness, "the session", |_| std::fs::read_to_string(&file).is_ok_and(|text| text.contains("mud")));
}

/// A session that names what would never end opens, says so, and can be worked with.
#[test]
fn a_session_that_names_a_device_opens() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut session = diffusion_lab::app::session::Session { panel: "inpaint".to_owned(), ..Default::default() };
    session.recipe_mut().image = Some(diffusion_lab::experiments::Source::File("/dev/zero".into()));
    session.recipe_mut().mask = Some(diffusion_lab::experiments::Source::File("/dev/full".into()));
    session.save(&diffusion_lab::app::home::Home::at(home.path())).expect("a session");
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the line", |lab| lab.toasts.texts().any(|text| text.contains("/dev/zero")));
    until(&mut harness, "its mask's", |lab| lab.toasts.texts().any(|text| text.contains("/dev/full")));
    harness.state_mut().session.recipe_mut().negative = "mud".to_owned();
    let file = home.path().join("session.json");
    until(&mut harness, "the session", |_| std::fs::read_to_string(&file).is_ok_and(|text| text.contains("mud")));
}
