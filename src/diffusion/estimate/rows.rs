//! How many inputs a step shows the network, known without a picture: what a run's time is made of.

use std::collections::BTreeSet;

use super::{Estimate, Moment, address, guidance, taken};

/// The way to a leaf, by the addresses of its views and parts, and its text.
type Row = (Vec<usize>, usize);

impl Estimate {
    /// Inputs that one evaluation shows the network for each picture of a run: its distinct leaves at `moment`, whose
    /// index is 0 at a run's first evaluation. There parts that are apart still see the same picture.
    pub fn rows(&self, moment: Moment) -> usize {
        let mut rows = BTreeSet::new();
        self.collect(&mut Vec::new(), moment, &mut rows);
        rows.len()
    }

    /// Whether any of its leaves is guided at `moment`, and so shown without its text too.
    pub fn guides_at(&self, moment: Moment) -> bool {
        match self {
            Self::Guided { guidance, .. } => {
                guidance::needs_unconditional(guidance.scale_at(moment.timestep, moment.progress))
            }
            Self::Views { branches, .. } => branches.iter().any(|branch| branch.estimate.guides_at(moment)),
            Self::Parts { parts, .. } => parts.iter().any(|(_, estimate)| estimate.guides_at(moment)),
        }
    }

    fn collect(&self, path: &mut Vec<usize>, moment: Moment, rows: &mut BTreeSet<Row>) {
        match self {
            Self::Guided { text, negative, .. } => {
                rows.insert((path.clone(), *text));
                if self.guides_at(moment) {
                    rows.insert((path.clone(), *negative));
                }
            }
            Self::Views { branches, reduce } => {
                for branch in taken(branches, *reduce, moment) {
                    path.push(address(&branch.view));
                    branch.estimate.collect(path, moment, rows);
                    path.pop();
                }
            }
            Self::Parts { parts, apart } => {
                let differs = *apart != 0.0 && moment.index > 0;
                for (part, estimate) in parts {
                    if differs {
                        path.push(address(part));
                    }
                    estimate.collect(path, moment, rows);
                    if differs {
                        path.pop();
                    }
                }
            }
        }
    }
}
