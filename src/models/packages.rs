//! What can be fetched from the hub by name: the stages of DeepFloyd IF, its text encoder in three sizes, and the
//! whole cascades made of them. Only what is used is ever fetched: no safety checker, no watermark, no second copy of
//! the weights in another format.

use candle_core::DType;

use super::deepfloyd::Published;
use super::memory::Need;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::files::hub::{Hub, Listing, Pace, snapshot};
use crate::weights::{Weights, weight_files_among};

/// Something that can be fetched.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Its name for `models fetch`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// What it consists of.
    pub parts: &'static [Part],
    /// Bytes to fetch, about.
    pub bytes: u64,
}

/// Files of one repository.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// OWNER/NAME on the hub.
    pub repository: &'static str,
    /// The network whose UNet and schedulers are wanted, if any.
    pub network: Option<Published>,
    /// Whether its text encoder and tokenizer are wanted.
    pub text: bool,
    /// The only file that is wanted, where it is one.
    pub file: Option<&'static str>,
}

const fn stage(network: Published) -> Part {
    Part { repository: network.facts().repository, network: Some(network), text: false, file: None }
}

const T5: Part = Part { repository: Published::IM.facts().repository, network: None, text: true, file: None };

/// The text encoder in one file, in several sizes; its words come along.
pub(super) const QUANTISED: &str = "city96/t5-v1_1-xxl-encoder-gguf";

const fn gguf(file: &'static str) -> Part {
    Part { repository: QUANTISED, network: None, text: false, file: Some(file) }
}

const MB: u64 = 1_000_000;

const fn package(name: &'static str, sentence: &'static str, parts: &'static [Part], bytes: u64) -> Package {
    Package { name, sentence, parts, bytes }
}

/// One published network by itself.
const fn alone(network: Published, parts: &'static [Part]) -> Package {
    let facts = network.facts();
    package(facts.package, facts.sentence, parts, facts.bytes)
}

/// Everything that can be fetched.
pub static PACKAGES: &[Package] = &[
    package(
        "deepfloyd-m",
        "the medium cascade to 256 px with its text encoder",
        &[stage(Published::IM), stage(Published::IIM), T5],
        13_210 * MB,
    ),
    package(
        "deepfloyd-l",
        "the large cascade to 256 px, the course's, with its text encoder",
        &[stage(Published::IL), stage(Published::IIL), T5],
        15_900 * MB,
    ),
    package(
        "deepfloyd-xl",
        "the largest cascade to 256 px with its text encoder",
        &[stage(Published::IXl), stage(Published::IIL), T5],
        22_640 * MB,
    ),
    alone(Published::IM, &[stage(Published::IM)]),
    alone(Published::IL, &[stage(Published::IL)]),
    alone(Published::IXl, &[stage(Published::IXl)]),
    alone(Published::IIM, &[stage(Published::IIM)]),
    alone(Published::IIL, &[stage(Published::IIL)]),
    package("t5", "the text encoder T5 XXL as DeepFloyd IF has it, in halves", &[T5], 11_540 * MB),
    package("t5-q8", "the same in 8 bits", &[gguf("t5-v1_1-xxl-encoder-Q8_0.gguf")], 5060 * MB),
    package("t5-q4", "the same in 4 bits", &[gguf("t5-v1_1-xxl-encoder-Q4_K_M.gguf")], 2900 * MB),
];

/// How far a fetch is.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetching {
    /// The repository and the file that comes now.
    pub file: String,
    /// Bytes of all files that are here.
    pub bytes: u64,
    /// Bytes of all files.
    pub of: u64,
    /// Bytes a second, over the last seconds.
    pub bytes_per_sec: f64,
}

impl Fetching {
    /// Seconds until the end, at this speed.
    pub fn left_secs(&self) -> Option<f64> {
        (self.bytes_per_sec > 0.0).then(|| self.of.saturating_sub(self.bytes) as f64 / self.bytes_per_sec)
    }

    /// Part that is done, 0 to 1.
    pub fn fraction(&self) -> f32 {
        if self.of == 0 { 0.0 } else { (self.bytes as f64 / self.of as f64) as f32 }
    }
}

/// The package called `name`, or the one stage of the repository of that name.
pub fn find_package(name: &str) -> Result<&'static Package> {
    let of_repository =
        |package: &&Package| matches!(package.parts, [part] if part.network.is_some() && part.repository == name);
    let found = PACKAGES.iter().find(|package| package.name == name.to_lowercase());
    found.or_else(|| PACKAGES.iter().find(of_repository)).ok_or_else(|| {
        let names: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
        Error::arguments(format!("nothing to fetch is called `{name}`"))
            .hint(format!("choose from {}", names.join(", ")))
    })
}

impl Package {
    /// Whether all of it is on this machine.
    pub fn is_here(&self, hub: &Hub) -> bool {
        self.parts.iter().all(|part| part.is_here(hub))
    }

    /// The memory that its networks take on the processor; nothing for a text encoder, which is streamed.
    pub fn need(&self) -> Option<Need> {
        let networks = self.parts.iter().filter_map(|part| part.network);
        let needs: Vec<Need> =
            networks.filter_map(|network| Some(Need::of(&network.config().ok()?, DType::F32))).collect();
        (!needs.is_empty()).then(|| Need::sum(&needs))
    }

    /// The page with the licence that is to be accepted before; none where the files are free.
    pub fn licence(&self) -> Option<&'static str> {
        self.parts.iter().map(|part| part.repository).find(|repository| repository.starts_with("DeepFloyd/"))
    }

    /// Fetches what is not here. `heard` hears how far it is; its error ends the work, and a later fetch goes on.
    pub fn fetch(&self, hub: &Hub, heard: &mut dyn FnMut(&Fetching) -> Result<()>) -> Result<()> {
        let mut plans: Vec<Plan> = Vec::new();
        for part in self.parts {
            let listing = hub.list(part.repository)?;
            let files = part.files(&listing)?;
            plans.push(Plan { repository: part.repository, commit: listing.commit, files });
        }
        let of = plans.iter().flat_map(|plan| &plan.files).map(|(_, bytes)| bytes).sum();
        let (mut done, mut pace): (u64, Option<Pace>) = (0, None);
        for plan in &plans {
            for (path, bytes) in &plan.files {
                hub.fetch(plan.repository, &plan.commit, path, &mut |here, _| {
                    let bytes = done + here;
                    let bytes_per_sec = pace.get_or_insert_with(|| Pace::from(bytes)).bytes_per_sec(bytes);
                    heard(&Fetching { file: format!("{}/{path}", plan.repository), bytes, of, bytes_per_sec })
                })?;
                done += bytes;
                pace = None;
            }
            hub.finish(plan.repository, &plan.commit)?;
        }
        Ok(())
    }
}

/// What is fetched of one repository: paths and lengths.
struct Plan {
    repository: &'static str,
    commit: String,
    files: Vec<(String, u64)>,
}

impl Part {
    fn is_here(&self, hub: &Hub) -> bool {
        let Some(folder) = hub_folder(hub, self.repository) else { return false };
        match self.file {
            Some(file) => folder.has(file),
            None => {
                let whole = |name: &str| folder.subfolder(name).is_some_and(|part| Weights::open(&part).is_ok());
                (self.network.is_none() || whole("unet")) && (!self.text || whole("text_encoder"))
            }
        }
    }

    /// The files that are wanted of those that are listed.
    fn files(&self, listing: &Listing) -> Result<Vec<(String, u64)>> {
        let named = |path: &str| listing.files.iter().find(|file| file.path == path);
        let mut wanted: Vec<String> = Vec::new();
        if let Some(file) = self.file {
            wanted.push(file.to_owned());
        } else {
            wanted.push("model_index.json".to_owned());
            let stage: &[&str] =
                if self.network.is_some() { &["unet", "scheduler", "image_noising_scheduler"] } else { &[] };
            let text: &[&str] = if self.text { &["text_encoder", "tokenizer"] } else { &[] };
            for component in stage.iter().chain(text) {
                wanted.extend(component_files(listing, component));
            }
        }
        let missing = |path: &str| {
            Error::new(format!("the hub's repository has no {path}"))
                .at(self.repository)
                .hint("it may have been changed; fetch it with `hf download`, or give a folder")
        };
        if let Some(component) =
            [("unet", self.network.is_some()), ("text_encoder", self.text)].iter().find(|(component, wants)| {
                *wants
                    && !wanted.iter().any(|path| path.starts_with(&format!("{component}/")) && !path.ends_with(".json"))
            })
        {
            return Err(missing(&format!("{}/*.safetensors", component.0)));
        }
        let sized = |path: String| {
            let file = named(&path).ok_or_else(|| missing(&path))?;
            Ok((path, file.bytes.unwrap_or(0)))
        };
        wanted.into_iter().map(sized).collect()
    }
}

/// The small files of a component, and its weights in one format.
fn component_files(listing: &Listing, component: &str) -> Vec<String> {
    let inside = |path: &str| Some(path.strip_prefix(component)?.strip_prefix('/')?.to_owned());
    let names: Vec<String> = listing.files.iter().filter_map(|file| inside(&file.path)).collect();
    let is_index = |name: &str| name.contains(".index.");
    let small = |name: &&String| {
        let text = name.ends_with(".json") && !is_index(name);
        text || *name == "spiece.model"
    };
    let chosen = names.iter().filter(small).cloned().chain(weight_files_among(&names));
    chosen.map(|name| format!("{component}/{name}")).collect()
}

fn hub_folder(hub: &Hub, repository: &str) -> Option<Folder> {
    Folder::open(snapshot(hub.cache(), repository)?).ok()
}
