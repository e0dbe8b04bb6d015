//! The page: one HTML file that shows pictures beside it, needs nothing from elsewhere and reads well on a phone.

use std::fmt::Write;

const STYLE: &str = include_str!("../../assets/report.css");

/// One figure on the page.
pub struct Entry {
    /// Its number and its anchor.
    pub row: String,
    /// What it is about.
    pub heading: String,
    /// Its caption.
    pub text: String,
    /// Its pictures, by their paths from the page.
    pub pictures: Vec<String>,
    /// The command that makes it alone.
    pub command: String,
    /// Its recipe, as JSON.
    pub recipe: String,
    /// Why there is no picture, where there is none.
    pub lacking: Option<String>,
}

/// A page of figures.
pub struct Page {
    /// Its heading.
    pub title: String,
    /// What stands under the heading.
    pub about: String,
    /// Its figures, in order.
    pub entries: Vec<Entry>,
}

impl Page {
    /// `index.html`.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
             initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p class=\"aside\">{}</p>\n<nav>\n",
            escaped(&self.about)
        );
        for Entry { row, heading, .. } in &self.entries {
            let _ = writeln!(html, "<a href=\"#{0}\">{0} {1}</a>", escaped(row), escaped(heading));
        }
        html.push_str("</nav>\n");
        self.entries.iter().for_each(|entry| entry.write(&mut html));
        html.push_str("</body>\n</html>\n");
        html
    }
}

impl Entry {
    fn write(&self, html: &mut String) {
        let (row, heading) = (escaped(&self.row), escaped(&self.heading));
        let _ = writeln!(html, "<section id=\"{row}\">\n<h2>{heading} <small>{row}</small></h2>");
        if !self.text.is_empty() {
            let _ = writeln!(html, "<p>{}</p>", escaped(&self.text));
        }
        if let Some(lacking) = &self.lacking {
            let _ = writeln!(html, "<p class=\"failed\">{}</p>", escaped(lacking));
        }
        html.push_str("<div class=\"pictures\">\n");
        for path in &self.pictures {
            let class = if path.ends_with(".svg") {
                " class=\"curve\""
            } else if path.ends_with("grid.png") || path.ends_with("-steps.png") || path.contains("/epoch-") {
                ""
            } else {
                " class=\"small\""
            };
            let path = escaped(path);
            let _ =
                writeln!(html, "<a href=\"{path}\"><img{class} src=\"{path}\" alt=\"{heading}\" loading=\"lazy\"></a>");
        }
        let _ = writeln!(
            html,
            "</div>\n<pre>{}</pre>\n<details><summary>Recipe</summary><pre>{}</pre></details>\n</section>",
            escaped(&self.command),
            escaped(&self.recipe)
        );
    }
}

/// Text that stands for itself, in an element and in a quoted attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
