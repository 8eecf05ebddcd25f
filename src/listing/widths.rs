//! How wide the columns of a table are: none cuts its heading, and none takes from the others what its
//! own cells do not need.

use std::fmt::Write;

/// What is known of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Width {
    /// How wide its heading is, in pixels; 0 while nobody has measured it.
    pub heading: f64,
    /// How wide the widest of its cells would like to be, in pixels; `None` while there are none.
    pub content: Option<f64>,
    /// How narrow it may become where there is more in its cells, in rem.
    pub least: f64,
    /// Its share in what room is left.
    pub share: f64,
}

impl Width {
    /// So wide that nothing is cut, in pixels; `None` while there are no cells.
    fn whole(&self) -> Option<f64> {
        Some(self.content?.max(self.heading))
    }

    /// As narrow as it may become, as a length of CSS.
    fn narrowest(&self) -> String {
        let Width { heading, least, .. } = self;
        match self.content {
            Some(content) => format!("max({heading}px, min({content}px, {least}rem))"),
            None => format!("max({heading}px, {least}rem)"),
        }
    }
}

/// The columns of a grid, as CSS takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks {
    /// For `grid-template-columns`.
    pub columns: String,
    /// The least width of all together, as a length.
    pub least: String,
}

/// The columns of a table that has so many pixels of room. Where all of them fit, none is cut, and
/// those with a share divide what is left; where not, each gives way down to its least, so that those
/// who need little keep it. Of what does not fit even then, the table is scrolled sideways.
pub fn tracks(widths: &[Width], room: f64) -> Tracks {
    let whole: Option<f64> = widths.iter().map(Width::whole).sum();
    let fits = whole.is_some_and(|whole| whole <= room);
    let mut columns = String::new();
    let mut least = "calc(0px".to_owned();
    for width in widths {
        let narrowest = match width.whole() {
            Some(whole) if fits => format!("{whole}px"),
            _ => width.narrowest(),
        };
        let widest = match width.whole() {
            Some(whole) if !fits => format!("{whole}px"),
            _ if width.share > 0.0 => format!("{}fr", width.share),
            _ => narrowest.clone(),
        };
        let _ = write!(columns, "minmax({narrowest}, {widest}) ");
        let _ = write!(least, " + {narrowest}");
    }
    least.push(')');
    Tracks { columns, least }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(heading: f64, content: Option<f64>, least: f64, share: f64) -> Width {
        Width {
            heading,
            content,
            least,
            share,
        }
    }

    #[test]
    fn where_all_fits_nothing_is_cut_and_the_rest_is_shared() {
        let widths = [
            width(60.0, Some(200.0), 8.0, 2.0),
            width(90.0, Some(20.0), 5.0, 0.0),
        ];
        let tracks = tracks(&widths, 290.0);
        assert_eq!(tracks.columns, "minmax(200px, 2fr) minmax(90px, 90px) ");
        assert_eq!(tracks.least, "calc(0px + 200px + 90px)");
    }

    #[test]
    fn where_it_does_not_each_gives_way_but_not_its_heading() {
        let widths = [
            width(60.0, Some(200.0), 8.0, 2.0),
            width(90.0, Some(20.0), 5.0, 0.0),
        ];
        let tracks = tracks(&widths, 289.0);
        assert_eq!(
            tracks.columns,
            "minmax(max(60px, min(200px, 8rem)), 200px) minmax(max(90px, min(20px, 5rem)), 90px) "
        );
    }

    #[test]
    fn without_rows_the_headings_and_what_the_list_says_count() {
        let widths = [width(60.0, None, 8.0, 1.0), width(90.0, None, 5.0, 0.0)];
        let tracks = tracks(&widths, 1000.0);
        assert_eq!(
            tracks.columns,
            "minmax(max(60px, 8rem), 1fr) minmax(max(90px, 5rem), max(90px, 5rem)) "
        );
    }
}
