//! Tables of one look, by egui_extras: rows in turn on two grounds, and heads that put them in another order.

use egui::{Button, Label, RichText, Sense, Ui};
use egui_extras::{TableBuilder, TableRow};

use crate::app::theme::tokens;

/// Height of the heads.
pub const HEAD: f32 = 22.0;

/// A table in the theme's colours. The whole of a row takes clicks, but not the keyboard: one widget in it does.
pub fn table<'a>(ui: &'a mut Ui, name: &str) -> TableBuilder<'a> {
    let tokens = tokens(ui);
    let visuals = ui.visuals_mut();
    visuals.faint_bg_color = tokens.hover;
    visuals.widgets.hovered.bg_fill = tokens.active;
    visuals.selection.bg_fill = tokens.accent_soft;
    TableBuilder::new(ui).id_salt(name.to_owned()).striped(true).sense(Sense::CLICK)
}

/// By which column the rows stand, and whether the largest comes first; nothing: as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort(Option<(usize, bool)>);

impl Sort {
    /// The head of the next column. A click sorts by it: the smallest first, then the largest, then as they came.
    pub fn head(&mut self, row: &mut TableRow<'_, '_>, text: &str) {
        let column = row.col_index();
        let arrow = match self.0 {
            Some((sorted, true)) if sorted == column => " ↓",
            Some((sorted, false)) if sorted == column => " ↑",
            _ => "",
        };
        row.col(|ui| {
            let text = RichText::new(format!("{text}{arrow}")).size(11.5).color(tokens(ui).text_faint);
            let button = ui.add(Button::new(text).frame(false).small());
            if button.on_hover_text("Sort by this; a third click puts the rows back").clicked() {
                self.turn(column);
            }
        });
    }

    fn turn(&mut self, column: usize) {
        self.0 = match self.0 {
            Some((sorted, false)) if sorted == column => Some((column, true)),
            Some((sorted, true)) if sorted == column => None,
            _ => Some((column, false)),
        };
    }

    /// The order of `count` rows by the sorted column's value of each; rows without a value come last either way.
    pub fn order(&self, count: usize, value: impl Fn(usize, usize) -> Option<f64>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        if let Some((column, down)) = self.0 {
            let turned = |at: usize| value(at, column).map(|value| if down { -value } else { value });
            order.sort_by(|&a, &b| turned(a).unwrap_or(f64::INFINITY).total_cmp(&turned(b).unwrap_or(f64::INFINITY)));
        }
        order
    }
}

/// The head of the next column, which does not sort.
pub fn head(row: &mut TableRow<'_, '_>, text: &str) {
    row.col(|ui| {
        let text = RichText::new(text).size(11.5).color(tokens(ui).text_faint);
        ui.add(Label::new(text).truncate());
    });
}

#[cfg(test)]
mod tests {
    use super::Sort;

    #[test]
    fn a_head_sorts_up_then_down_then_not_at_all() {
        let values = [Some(2.0), None, Some(3.0), Some(1.0)];
        let mut sort = Sort::default();
        let order = |sort: &Sort| sort.order(4, |row, _| values[row]);
        assert_eq!(order(&sort), [0, 1, 2, 3]);
        sort.turn(1);
        assert_eq!(order(&sort), [3, 0, 2, 1]);
        sort.turn(1);
        assert_eq!(order(&sort), [2, 0, 3, 1], "what has no value stays last");
        sort.turn(1);
        assert_eq!(sort, Sort::default());
        sort.turn(1);
        sort.turn(2);
        assert_eq!(sort, Sort(Some((2, false))), "another column starts anew");
    }
}
