//! Finding things by what they are and what they are called, and acting on them.
//!
//! A [`Locator`] is a description that is looked up anew for every action, until the action
//! succeeds or time is up. So nothing here needs to know when a page has finished loading.

use super::page::{Page, fail};
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::Path;
use std::time::Duration;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

#[derive(Clone, Debug)]
struct Step {
    role: String,
    name: String,
    exact: bool,
    nth: Option<i32>,
}

/// Something on the page, by its role and accessible name, perhaps inside something else.
#[derive(Clone)]
#[must_use]
pub struct Locator<'a> {
    page: &'a Page,
    steps: Vec<Step>,
}

macro_rules! roles {
    ($($(#[$doc:meta])* $method:ident = $role:literal $match:ident;)*) => {
        impl<'a> Locator<'a> {
            $($(#[$doc])* pub fn $method(&self, name: &str) -> Locator<'a> {
                self.step($role, name, roles!(@$match))
            })*
        }
        impl Page {
            $($(#[$doc])* pub fn $method(&self, name: &str) -> Locator<'_> {
                Locator::everything(self).$method(name)
            })*
        }
    };
    (@exact) => { true };
    (@part) => { false };
}

roles! {
    /// A button with exactly this name.
    button = "button" exact;
    /// A button whose name has this in it.
    button_like = "button" part;
    /// A link with exactly this name.
    link = "link" exact;
    /// A link whose name has this in it.
    link_like = "link" part;
    /// A field to type or choose in, by its label.
    field = "field" exact;
    checkbox = "checkbox" exact;
    checkbox_like = "checkbox" part;
    radio = "radio" exact;
    tab = "tab" exact;
    tab_like = "tab" part;
    heading = "heading" exact;
    heading_like = "heading" part;
    dialog = "dialog" exact;
    group = "group" exact;
    navigation = "navigation" exact;
    menu_item = "menuitem" exact;
    /// A column header whose name has this in it.
    column = "columnheader" part;
    /// A table row that has this text in it.
    row = "row" part;
    /// A table cell that has this text in it.
    cell = "cell" part;
    table = "table" part;
    /// An entry of a list to choose from whose name has this in it.
    option = "option" part;
    /// A message that is announced at once and has this text in it.
    alert = "alert" part;
    status = "status" part;
    progress = "progressbar" part;
    region = "region" part;
}

impl Page {
    /// Something by a CSS selector, where there is no role to find it by.
    pub fn css(&self, selector: &str) -> Locator<'_> {
        Locator::everything(self).css(selector)
    }

    /// [`Locator::confirmation`] of the question that is open.
    pub fn confirmation(&self, typed: &str) -> Locator<'_> {
        Locator::everything(self).confirmation(typed)
    }

    /// [`Locator::confirm`] in the question that is open.
    pub async fn confirm(&self, typed: &str) {
        Locator::everything(self).confirm(typed).await;
    }
}

/// What came of one attempt.
enum Attempt<T> {
    Done(T),
    /// Not yet; why.
    Again(String),
}

impl<'a> Locator<'a> {
    fn everything(page: &'a Page) -> Self {
        Locator {
            page,
            steps: Vec::new(),
        }
    }

    fn step(&self, role: &str, name: &str, exact: bool) -> Self {
        let mut next = self.clone();
        next.steps.push(Step {
            role: role.to_owned(),
            name: name.split_whitespace().collect::<Vec<_>>().join(" "),
            exact,
            nth: None,
        });
        next
    }

    /// Something inside by a CSS selector.
    pub fn css(&self, selector: &str) -> Self {
        self.step(selector, "", false)
    }

    /// Where this is to be typed before something destructive is done.
    pub fn confirmation(&self, typed: &str) -> Self {
        self.field(&format!("Type “{typed}” to confirm"))
    }

    /// Types what a question wants to have typed.
    pub async fn confirm(&self, typed: &str) {
        self.confirmation(typed).fill(typed).await;
    }

    /// The one at this place among several, from 0; from the end if negative.
    pub fn nth(mut self, index: i32) -> Self {
        if let Some(last) = self.steps.last_mut() {
            last.nth = Some(index);
        }
        self
    }

    /// The first of several.
    pub fn first(self) -> Self {
        self.nth(0)
    }

    /// What this looks for, in words.
    pub fn words(&self) -> String {
        let words: Vec<String> = self
            .steps
            .iter()
            .rev()
            .map(|step| match step.name.as_str() {
                "" => step.role.clone(),
                name => format!("{} “{name}”", step.role),
            })
            .collect();
        words.join(" in ")
    }

    fn arguments(&self, steps: &[Step]) -> Value {
        steps
            .iter()
            .map(|step| {
                json!({"role": step.role, "name": step.name, "exact": step.exact, "nth": step.nth})
            })
            .collect()
    }

    /// All that match now.
    pub async fn all(&self) -> Vec<WebElement> {
        // While the page is being replaced there is nothing to find.
        self.looked().await.unwrap_or_default()
    }

    /// All that match now; an error while the page is being replaced.
    async fn looked(&self) -> WebDriverResult<Vec<WebElement>> {
        let script = include_str!("find.js");
        let arguments = vec![self.arguments(&self.steps)];
        let found = self.page.driver().execute(script, arguments).await?;
        found.elements()
    }

    /// Whether a look at the page finds none; where it fails, nobody knows.
    async fn is_gone(&self) -> bool {
        self.looked().await.is_ok_and(|found| found.is_empty())
    }

    /// How many match now.
    pub async fn count(&self) -> usize {
        self.all().await.len()
    }

    /// Whether one matches now.
    pub async fn exists(&self) -> bool {
        self.count().await > 0
    }

    /// Waits until there is one.
    pub async fn appears(&self) {
        self.page.step(format!("waits for {}", self.words()));
        self.attempt(Page::PATIENCE, async |_| Ok(Attempt::Done(())))
            .await;
    }

    /// Waits for one for longer than usual.
    pub async fn appears_within(&self, time: Duration) {
        self.page.step(format!("waits for {}", self.words()));
        self.attempt(time, async |_| Ok(Attempt::Done(()))).await;
    }

    /// Waits until there is none.
    pub async fn goes(&self) {
        self.page
            .step(format!("waits until {} is gone", self.words()));
        self.page
            .until(&format!("{} is gone", self.words()), async || {
                self.is_gone().await
            })
            .await;
    }

    /// Waits until there is none, for longer than usual.
    pub async fn goes_within(&self, time: Duration) {
        let gone = format!("{} is gone", self.words());
        self.page.step(format!("waits until {gone}"));
        self.page
            .until_within(time, &gone, async || self.is_gone().await)
            .await;
    }

    /// Waits until so many match.
    pub async fn counts(&self, expected: usize) {
        self.page
            .step(format!("counts {expected} of {}", self.words()));
        let mut last = 0;
        let polled = self.page.poll(Page::PATIENCE, async || {
            let found = self.looked().await;
            last = found.as_ref().map_or(last, Vec::len);
            found.is_ok() && last == expected
        });
        if !polled.await {
            fail(format!(
                "There are {last} of {}, not {expected}.",
                self.words()
            ));
        }
    }

    /// Tries an action on the one element until it succeeds.
    async fn attempt<T>(
        &self,
        patience: Duration,
        action: impl AsyncFn(WebElement) -> WebDriverResult<Attempt<T>>,
    ) -> T {
        let mut why = String::new();
        let mut outcome = None;
        self.page
            .poll(patience, async || {
                let mut found = self.all().await;
                let attempt = match found.len() {
                    0 => {
                        self.page.look_further().await;
                        Ok(Attempt::Again("there is none".to_owned()))
                    }
                    1 => action(found.remove(0)).await,
                    many => Ok(Attempt::Again(format!("there are {many}"))),
                };
                match attempt {
                    Ok(Attempt::Done(value)) => {
                        outcome = Some(value);
                        true
                    }
                    Ok(Attempt::Again(reason)) => {
                        why = reason;
                        false
                    }
                    Err(error) => {
                        if is_fatal(&error) {
                            fail(format!("{}: {error}", self.words()));
                        }
                        why = error.to_string().lines().next().unwrap_or_default().into();
                        false
                    }
                }
            })
            .await;
        match outcome {
            Some(value) => value,
            None => fail(format!(
                "No success with {}: {why}. {}",
                self.words(),
                self.instead().await
            )),
        }
    }

    /// What is there instead, for an error message.
    async fn instead(&self) -> String {
        for length in (1..=self.steps.len()).rev() {
            let mut steps = self.steps[..length].to_vec();
            let Some(last) = steps.last_mut() else { break };
            let role = last.role.clone();
            last.name.clear();
            last.nth = None;
            let names = self
                .page
                .driver()
                .execute(
                    include_str!("find.js"),
                    vec![self.arguments(&steps), "names".into()],
                )
                .await;
            if let Ok(names) = names
                && let Some(names) = names.json().as_array()
                && !names.is_empty()
            {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                return format!("Of {role} there are: {}.", names.join(" | "));
            }
        }
        "There is nothing of the kind.".to_owned()
    }

    /// The element.
    pub async fn element(&self) -> WebElement {
        self.attempt(Page::PATIENCE, async |element| Ok(Attempt::Done(element)))
            .await
    }

    /// Clicks it as soon as it can be clicked.
    pub async fn click(&self) {
        self.page.step(format!("clicks {}", self.words()));
        self.attempt(Page::PATIENCE, async |element| {
            if !element.is_enabled().await? {
                return Ok(Attempt::Again("it is disabled".to_owned()));
            }
            if let Err(error) = element.click().await {
                // A page that somebody has come back to closes its own window.
                if matches!(*error, WebDriverErrorInner::NoSuchWindow(_)) {
                    return Ok(Attempt::Done(()));
                }
                // A message may lie over it: whoever sees that scrolls.
                if matches!(*error, WebDriverErrorInner::ElementClickIntercepted(_)) {
                    let script = "arguments[0].scrollIntoView({block: 'center'})";
                    let itself = vec![element.to_json()?];
                    self.page.driver().execute(script, itself).await?;
                }
                return Err(error);
            }
            Ok(Attempt::Done(()))
        })
        .await;
    }

    /// Replaces what stands in a field, at once, as a person does who pastes: letter by letter, a busy
    /// machine lets the page ask about half of it.
    pub async fn fill(&self, text: &str) {
        self.page
            .step(format!("enters “{text}” into {}", self.words()));
        self.attempt(Page::PATIENCE, async |element| {
            element.send_keys(Key::Control + "a").await?;
            if text.is_empty() {
                element.send_keys(Key::Delete + "").await?;
            } else if self.page.engine().is_chromium() {
                let tools = self.page.driver().cdp();
                tools
                    .send_raw("Input.insertText", json!({"text": text}))
                    .await?;
            } else {
                element.send_keys(text).await?;
            }
            let now = element.prop("value").await?.unwrap_or_default();
            Ok(if now == text {
                Attempt::Done(())
            } else {
                Attempt::Again(format!("it holds “{now}” after typing “{text}”"))
            })
        })
        .await;
    }

    /// Types after what stands there already.
    pub async fn send(&self, keys: impl Into<TypingData> + Clone) {
        self.page.step(format!("types into {}", self.words()));
        self.attempt(Page::PATIENCE, async |element| {
            element.send_keys(keys.clone()).await?;
            Ok(Attempt::Done(()))
        })
        .await;
    }

    /// Sets a date or time, which are awkward to type.
    pub async fn set(&self, value: &str) {
        self.page
            .step(format!("sets {} to “{value}”", self.words()));
        const SCRIPT: &str = "
            const [element, value] = arguments;
            element.focus();
            const owner = Object.getPrototypeOf(element);
            Object.getOwnPropertyDescriptor(owner, 'value').set.call(element, value);
            element.dispatchEvent(new Event('input', {bubbles: true}));
            element.dispatchEvent(new Event('change', {bubbles: true}));";
        self.attempt(Page::PATIENCE, async |element| {
            let arguments = vec![element.to_json()?, value.into()];
            self.page.driver().execute(SCRIPT, arguments).await?;
            Ok(Attempt::Done(()))
        })
        .await;
    }

    /// Chooses an entry of a drop-down list by its text.
    pub async fn choose(&self, entry: &str) {
        self.page
            .step(format!("chooses “{entry}” in {}", self.words()));
        const SCRIPT: &str = "
            const [element, entry] = arguments;
            const texts = [...element.options].map((o) => o.textContent.replace(/\\s+/g, ' ').trim());
            const index = texts.indexOf(entry);
            if (index < 0) return texts.join(' | ');
            element.selectedIndex = index;
            element.dispatchEvent(new Event('input', {bubbles: true}));
            element.dispatchEvent(new Event('change', {bubbles: true}));
            return null;";
        self.attempt(Page::PATIENCE, async |element| {
            let arguments = vec![element.to_json()?, entry.into()];
            let there = self.page.driver().execute(SCRIPT, arguments).await?;
            Ok(match there.json().as_str() {
                None => Attempt::Done(()),
                Some(there) => Attempt::Again(format!("its entries are {there}")),
            })
        })
        .await;
    }

    /// Ticks or unticks a checkbox.
    pub async fn tick(&self, on: bool) {
        self.page.step(format!("sets {} to {on}", self.words()));
        let is_pressed = Cell::new(false);
        self.attempt(Page::PATIENCE, async |element| {
            if element.is_selected().await? == on {
                return Ok(Attempt::Done(()));
            }
            // A switch moves when the server has kept it. To press it again meanwhile may come just
            // after that, and turn it back.
            if is_pressed.get() && element.attr("role").await?.as_deref() == Some("switch") {
                return Ok(Attempt::Again("it does not change".to_owned()));
            }
            // A person scrolls it out from under what stays at the edge.
            element.scroll_into_view().await?;
            element.click().await?;
            is_pressed.set(true);
            Ok(if element.is_selected().await? == on {
                Attempt::Done(())
            } else {
                Attempt::Again("it does not change".to_owned())
            })
        })
        .await;
    }

    /// Gives a file to a file field.
    pub async fn upload(&self, file: &Path) {
        self.page
            .step(format!("gives {} to {}", file.display(), self.words()));
        let path = file.to_string_lossy().into_owned();
        self.attempt(Page::PATIENCE, async |element| {
            element.send_keys(path.as_str()).await?;
            Ok(Attempt::Done(()))
        })
        .await;
    }

    /// The text that is shown in it now, with single spaces.
    pub async fn text(&self) -> String {
        self.attempt(Page::PATIENCE, async |element| {
            Ok(Attempt::Done(self.shown(&element).await?))
        })
        .await
    }

    /// What an element shows, with single spaces.
    async fn shown(&self, element: &WebElement) -> WebDriverResult<String> {
        if self.page.engine().is_chromium() {
            return Ok(squeeze(&element.text().await?));
        }
        // The driver of WebKit leaves out what is to be seen.
        let itself = vec![element.to_json()?];
        let script = "return arguments[0].innerText";
        let text = self.page.driver().execute(script, itself).await?;
        Ok(squeeze(text.json().as_str().unwrap_or_default()))
    }

    /// The texts of all that match now.
    pub async fn texts(&self) -> Vec<String> {
        // In one look: between two of them the page may put others in their place.
        let script = include_str!("find.js");
        let arguments = vec![self.arguments(&self.steps), "texts".into()];
        let mut texts = Vec::new();
        let answers = self
            .page
            .poll(Page::PATIENCE, async || {
                let told = self.page.driver().execute(script, arguments.clone()).await;
                let told = told.ok().and_then(|told| told.convert().ok());
                told.map(|told| texts = told).is_some()
            })
            .await;
        assert!(
            answers,
            "The page does not answer what {} say.",
            self.words()
        );
        texts
    }

    /// What a field holds.
    pub async fn value(&self) -> String {
        self.property("value").await
    }

    /// A property of the element, as text.
    pub async fn property(&self, name: &'static str) -> String {
        self.attempt(Page::PATIENCE, async |element| {
            Ok(Attempt::Done(element.prop(name).await?.unwrap_or_default()))
        })
        .await
    }

    /// An attribute of the element.
    pub async fn attribute(&self, name: &'static str) -> Option<String> {
        self.attempt(Page::PATIENCE, async |element| {
            Ok(Attempt::Done(element.attr(name).await?))
        })
        .await
    }

    /// Whether it can be used now.
    pub async fn is_enabled(&self) -> bool {
        self.attempt(Page::PATIENCE, async |element| {
            Ok(Attempt::Done(element.is_enabled().await?))
        })
        .await
    }

    /// Waits until it can be used.
    pub async fn is_usable(&self) {
        self.turns("can be used", async |element| element.is_enabled().await)
            .await;
    }

    /// Waits until it cannot be used.
    pub async fn is_unusable(&self) {
        self.turns("cannot be used", async |element| {
            Ok(!element.is_enabled().await?)
        })
        .await;
    }

    /// Waits until the one element is so.
    async fn turns(&self, what: &str, is: impl AsyncFn(WebElement) -> WebDriverResult<bool>) {
        self.page
            .step(format!("expects that {} {what}", self.words()));
        self.attempt(Page::PATIENCE, async |element| {
            Ok(match is(element).await? {
                true => Attempt::Done(()),
                false => Attempt::Again(format!("it is not true that it {what}")),
            })
        })
        .await;
    }

    /// Whether a checkbox is ticked or a radio button chosen.
    pub async fn is_ticked(&self) -> bool {
        self.attempt(Page::PATIENCE, async |element| {
            Ok(Attempt::Done(element.is_selected().await?))
        })
        .await
    }

    /// Waits until a field holds this.
    pub async fn holds(&self, expected: &str) {
        self.page
            .step(format!("expects “{expected}” in {}", self.words()));
        self.attempt(Page::PATIENCE, async |element| {
            let now = element.prop("value").await?.unwrap_or_default();
            Ok(if now == expected {
                Attempt::Done(())
            } else {
                Attempt::Again(format!("it holds “{now}”, not “{expected}”"))
            })
        })
        .await;
    }

    /// Waits until this text is in it.
    pub async fn says(&self, expected: &str) {
        self.says_within(Page::PATIENCE, expected).await;
    }

    /// Waits for a text for longer than usual.
    pub async fn says_within(&self, time: Duration, expected: &str) {
        self.page
            .step(format!("expects “{expected}” in {}", self.words()));
        self.attempt(time, async |element| {
            let now = self.shown(&element).await?;
            Ok(if now.contains(expected) {
                Attempt::Done(())
            } else {
                Attempt::Again(format!("it says “{now}”, not “{expected}”"))
            })
        })
        .await;
    }
}

/// Whether trying again is of no use.
fn is_fatal(error: &WebDriverError) -> bool {
    matches!(
        &**error,
        WebDriverErrorInner::InvalidSessionId(_) | WebDriverErrorInner::InvalidArgument(_)
    )
}

/// The same text with single spaces.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
