//! The report: one HTML file with everything in it.

use std::fmt::Write as _;

use super::check::{Finding, Verdict};
use super::store::Stored;
use crate::report::table::with_error;
use crate::statistics::Estimate;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem 2rem;color:#222}\
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:3rem;border-top:1px solid #ccc;padding-top:1rem}\
table{border-collapse:collapse;font-size:.9rem;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #ddd}\
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.holds{color:#00695c}.fails{color:#b71c1c;font-weight:bold}\
.undecided{color:#9a6700}svg{max-width:100%;height:auto}.source{color:#666}";

/// The report of these results.
pub fn report(results: &[Stored]) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>The papers' claims</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>The papers' claims, reproduced</h1>\n\
         <p>A check <em>holds</em> if its confidence interval lies in the region of the hypothesis, <em>fails</em> if the two have \
         no point in common, and is <em>undecided</em> otherwise. The intervals of a claim are all right together with probability \
         0.99. A claim is as good as the worst of its checks.</p>\n"
    );
    html += "<table>\n<tr><th>claim</th><th>source</th><th>verdict</th><th>checks</th><th>updates</th><th>seconds</th></tr>\n";
    for Stored { outcome, .. } in results {
        let _ = writeln!(
            html,
            "<tr><td><a href=\"#{0}\">{0}</a></td><td>{1}</td>{2}<td class=\"n\">{3}</td><td class=\"n\">{4:.1e}</td><td class=\"n\">{5:.1}</td></tr>",
            escape(&outcome.claim),
            escape(&outcome.source),
            verdict(outcome.verdict),
            outcome.checks.len(),
            outcome.updates as f64,
            outcome.seconds,
        );
    }
    html += "</table>\n";
    results.iter().for_each(|stored| claim(&mut html, stored));
    html + "</body>\n</html>\n"
}

fn verdict(verdict: Verdict) -> String {
    format!("<td class=\"{verdict}\">{verdict}</td>")
}

fn claim(html: &mut String, Stored { outcome, svg, .. }: &Stored) {
    let _ = writeln!(
        html,
        "<h2 id=\"{0}\">{0} <span class=\"source\">({1})</span></h2>\n<p>{2}</p>\n<p><strong>Hypothesis.</strong> {3}</p>",
        escape(&outcome.claim),
        escape(&outcome.source),
        escape(&outcome.statement),
        escape(&outcome.hypothesis),
    );
    *html +=
        "<table>\n<tr><th>measured</th><th>value</th><th>expected</th><th>region</th><th>verdict</th></tr>\n";
    for check in &outcome.checks {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>{}</tr>",
            escape(&check.name),
            escape(&measured(check)),
            escape(&number(Some(check.expected))),
            escape(&region(check)),
            verdict(check.verdict),
        );
    }
    *html += "</table>\n";
    let _ = writeln!(
        html,
        "<p class=\"source\">Budget {}, seed {}, on {}.</p>",
        outcome.budget,
        outcome.seed,
        escape(&outcome.devices.join(" and ")),
    );
    for note in &outcome.notes {
        let _ = writeln!(html, "<p>{}</p>", escape(note));
    }
    // The picture's own declaration belongs to a file, not to a page.
    let svg = svg.find("<svg").map_or("", |start| &svg[start..]);
    let _ = writeln!(html, "<figure>{svg}</figure>");
}

/// The measured number with its error.
pub fn measured(check: &Finding) -> String {
    let value = |x: Option<f64>| x.unwrap_or(f64::NAN);
    with_error(&Estimate { value: value(check.measured), std_error: value(check.error) })
}

/// A number in a table.
pub fn number(x: Option<f64>) -> String {
    with_error(&Estimate { value: x.unwrap_or(f64::NAN), std_error: f64::NAN })
}

/// The region of the hypothesis.
pub fn region(check: &Finding) -> String {
    match check.region {
        [None, high] => format!("≤ {}", number(high)),
        [low, None] => format!("≥ {}", number(low)),
        [low, high] => format!("{} … {}", number(low), number(high)),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
