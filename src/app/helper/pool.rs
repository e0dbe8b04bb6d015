//! Threads that cannot be lost. They take requests in order; a panic becomes the answer to its request, a thread that
//! ends is replaced, and one that is stuck (a network disk that hangs) is left behind with a line while a fresh one goes
//! on with the queue. What a thread that was left behind brings in the end still counts.
//!
//! Requests of one lane never wait for those of another. A lane of one thread keeps their order, until it is stuck.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::error::Error;

/// The most threads of a lane that are left behind; after them its queue waits.
pub const MOST_STUCK: usize = 8;

/// Makes the answer to a request from what went wrong.
pub type Refusal<A> = Box<dyn FnOnce(Error) -> A + Send>;

/// What the threads do.
pub trait Work: Send + Sync + 'static {
    /// What is asked.
    type Request: Send + 'static;
    /// What comes of it.
    type Answer: Send + 'static;

    /// The number of threads of each lane.
    fn lanes(&self) -> Vec<usize>;
    /// The lane of a request, an index of [`Self::lanes`].
    fn lane(&self, request: &Self::Request) -> usize;
    /// What a request is, for messages: `reading x.png`.
    fn name(&self, request: &Self::Request) -> String;
    /// Does it; may take long, and may panic.
    fn answer(&self, request: Self::Request) -> Self::Answer;
    /// How the request is answered if that panics.
    fn refusal(&self, request: &Self::Request) -> Refusal<Self::Answer>;
    /// Something to say that answers no request.
    fn notice(&self, error: Error) -> Self::Answer;
}

/// Tells a request from all others of its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

/// The window's end of the threads. They end with it, but for those that are stuck.
pub struct Pool<W: Work> {
    shared: Arc<Shared<W>>,
    queues: Vec<Sender<(Ticket, W::Request)>>,
    answers: Receiver<(Option<Ticket>, W::Answer)>,
    next: AtomicU64,
}

struct Shared<W: Work> {
    work: W,
    lanes: Vec<Lane<W::Request>>,
    answers: Sender<(Option<Ticket>, W::Answer)>,
    wake: Box<dyn Fn() + Send + Sync>,
    patience: Duration,
    /// Rung when a request begins, so that the watch sleeps while there is none.
    bell: Sender<()>,
    closed: AtomicBool,
}

struct Lane<R> {
    queue: Receiver<(Ticket, R)>,
    wanted: usize,
    state: Mutex<State>,
}

/// The threads of a lane.
#[derive(Default)]
struct State {
    /// Those that are not stuck.
    threads: usize,
    stuck: usize,
    busy: BTreeMap<Ticket, Busy>,
}

struct Busy {
    since: Instant,
    name: String,
    stuck: bool,
}

impl<W: Work> Pool<W> {
    /// Starts the threads. A request is stuck after `patience`; `wake` is called after each answer.
    pub fn spawn(work: W, patience: Duration, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (mut queues, mut lanes) = (Vec::new(), Vec::new());
        for wanted in work.lanes() {
            let (sender, queue) = unbounded();
            queues.push(sender);
            lanes.push(Lane { queue, wanted, state: Mutex::default() });
        }
        let ((own, answers), (bell, rung)) = (unbounded(), bounded(1));
        let closed = AtomicBool::new(false);
        let shared = Arc::new(Shared { work, lanes, answers: own, wake: Box::new(wake), patience, bell, closed });
        (0..shared.lanes.len()).for_each(|lane| shared.fill(lane));
        let watching = Arc::clone(&shared);
        // Without it nothing is ever taken for stuck; all else works.
        let _ = std::thread::Builder::new().name("helper-watch".to_owned()).spawn(move || watching.watch(&rung));
        Self { shared, queues, answers, next: AtomicU64::new(0) }
    }

    /// Puts a request at the end of its lane.
    pub fn ask(&self, request: W::Request) -> Ticket {
        let ticket = Ticket(self.next.fetch_add(1, Ordering::Relaxed));
        let lane = self.shared.work.lane(&request);
        if let Some(queue) = self.queues.get(lane) {
            // The pool holds the other end too.
            let _ = queue.send((ticket, request));
            self.shared.fill(lane); // where no thread could be started before
        }
        ticket
    }

    /// Does a request on a thread of its own, however long it takes: one that waits for a person.
    pub fn ask_apart(&self, request: W::Request) {
        let shared = Arc::clone(&self.shared);
        let refusal = shared.work.refusal(&request);
        let apart = move || shared.say(None, shared.caught(request));
        if let Err(error) = std::thread::Builder::new().name("helper-apart".to_owned()).spawn(apart) {
            self.shared.say(None, refusal(Error::new(format!("cannot start a thread ({error})"))));
        }
    }

    /// The next answer, if there is one, with the ticket of its request; without one where none was asked for.
    pub fn answer(&self) -> Option<(Option<Ticket>, W::Answer)> {
        self.answers.try_recv().ok()
    }
}

impl<W: Work> Drop for Pool<W> {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        let _ = self.shared.bell.try_send(());
    }
}

impl<W: Work> Shared<W> {
    /// Starts threads until the lane has as many as it should that are not stuck.
    fn fill(self: &Arc<Self>, number: usize) {
        let lane = &self.lanes[number];
        let mut state = lock(&lane.state);
        while state.threads < lane.wanted && state.stuck <= MOST_STUCK {
            let shared = Arc::clone(self);
            let work = move || shared.run(&mut Place { shared: &shared, lane: number, counted: true });
            if std::thread::Builder::new().name(format!("helper-{number}")).spawn(work).is_err() {
                return; // tried again at the next request
            }
            state.threads += 1;
        }
    }

    /// A thread's life: requests until there can be no more, or until another has taken its place.
    fn run(&self, place: &mut Place<'_, W>) {
        let lane = &self.lanes[place.lane];
        while let Ok((ticket, request)) = lane.queue.recv() {
            let busy = Busy { since: Instant::now(), name: self.work.name(&request), stuck: false };
            lock(&lane.state).busy.insert(ticket, busy);
            let _ = self.bell.try_send(());
            let answer = self.caught(request);
            {
                let mut state = lock(&lane.state);
                if state.busy.remove(&ticket).is_some_and(|busy| busy.stuck) {
                    state.stuck -= 1;
                    // Back to work, where no other took its place.
                    place.counted = state.threads < lane.wanted;
                    state.threads += usize::from(place.counted);
                }
            }
            self.say(Some(ticket), answer);
            if !place.counted {
                return;
            }
        }
    }

    fn caught(&self, request: W::Request) -> W::Answer {
        let (name, refusal) = (self.work.name(&request), self.work.refusal(&request));
        match catch_unwind(AssertUnwindSafe(|| self.work.answer(request))) {
            Ok(answer) => answer,
            Err(panic) => {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                refusal(Error::new(format!("{name} broke off: {said}")).hint("please report this with the file"))
            }
        }
    }

    fn say(&self, ticket: Option<Ticket>, answer: W::Answer) {
        // The window may be gone.
        let _ = self.answers.send((ticket, answer));
        (self.wake)();
    }

    /// Looks for requests that take too long while there are any.
    fn watch(self: &Arc<Self>, rung: &Receiver<()>) {
        while rung.recv().is_ok() && !self.closed.load(Ordering::Relaxed) {
            while self.any_to_watch() && !self.closed.load(Ordering::Relaxed) {
                std::thread::sleep(self.patience / 4);
                (0..self.lanes.len()).for_each(|lane| self.leave_stuck(lane));
            }
        }
    }

    fn any_to_watch(&self) -> bool {
        self.lanes.iter().any(|lane| lock(&lane.state).busy.values().any(|busy| !busy.stuck))
    }

    fn leave_stuck(self: &Arc<Self>, number: usize) {
        let mut lines = Vec::new();
        {
            let mut state = lock(&self.lanes[number].state);
            let State { threads, stuck, busy } = &mut *state;
            for busy in busy.values_mut().filter(|busy| !busy.stuck && busy.since.elapsed() >= self.patience) {
                busy.stuck = true;
                *threads = threads.saturating_sub(1);
                *stuck += 1;
                let line = format!("{} takes longer than {} s", busy.name, self.patience.as_secs());
                lines.push(Error::new(line).hint(match *stuck <= MOST_STUCK {
                    true => "all else goes on without it: is its disk or network there?",
                    false => "too many of them wait for a disk or network: start the program again",
                }));
            }
        }
        if !lines.is_empty() {
            self.fill(number);
        }
        lines.into_iter().for_each(|line| self.say(None, self.work.notice(line)));
    }
}

/// A thread's place in its lane, which another takes when it dies.
struct Place<'a, W: Work> {
    shared: &'a Arc<Shared<W>>,
    lane: usize,
    /// Whether it is one of the lane's threads that are not stuck.
    counted: bool,
}

impl<W: Work> Drop for Place<'_, W> {
    fn drop(&mut self) {
        if self.counted {
            let mut state = lock(&self.shared.lanes[self.lane].state);
            state.threads = state.threads.saturating_sub(1);
        }
        if std::thread::panicking() {
            self.shared.fill(self.lane);
        }
    }
}

/// A panic elsewhere leaves these counts whole, so a poisoned lock is used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
