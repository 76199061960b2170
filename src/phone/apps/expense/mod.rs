//! Pro Expense (`com.arduia.expense`): one activity with the pages Home, Expense Entry and Expense Logs and
//! some quieter ones. Expenses are rows of `accounting.db`.

pub mod database;
mod form;
mod format;
mod home;
mod logs;
mod onboarding;
mod pages;
mod sheets;
mod theme;

use std::collections::BTreeSet;

use self::database::Expense;
use self::form::{Form, FormMessage};
use self::onboarding::{Onboarding, OnboardingMessage};
use self::sheets::Sheet;
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, ActivityEntry, Align, AppEntry, Color, Effects, Icon, Overlay, OverlayKind, Screen,
    Widget, activity, round_button, row, stack,
};

/// The package.
pub const PACKAGE: &str = "com.arduia.expense";

/// How long a snackbar stays, in microseconds.
const SNACKBAR_MICROS: i64 = 2_750_000;

/// A page that the drawer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Totals, this week, the latest expenses.
    Home,
    /// All expenses.
    Logs,
    /// Shares of the categories.
    Statistics,
    /// Export and import.
    Backup,
    /// A message to the makers.
    Feedback,
    /// About the app.
    About,
    /// Language, currency, theme.
    Settings,
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// On the first-run pages.
    Onboarding(OnboardingMessage),
    /// Opens or closes the drawer.
    Drawer(bool),
    /// Shows a page.
    Page(Page),
    /// The arrow at the top of a page.
    Up,
    /// Opens an empty form.
    Add,
    /// On the form.
    Form(FormMessage),
    /// The form's button.
    Save,
    /// Shows an expense's details.
    Details(i64),
    /// Opens the form with an expense.
    Edit(i64),
    /// Asks whether to delete expenses.
    AskDelete(Vec<i64>),
    /// Asks whether to delete the chosen expenses.
    AskDeleteChosen,
    /// Deletes what was asked for.
    Delete(Vec<i64>),
    /// Closes a sheet.
    CloseSheet,
    /// Slides a row aside, so that its bin is seen.
    Reveal(Option<i64>),
    /// Chooses a row, or not.
    Choose(i64),
    /// Opens the sheet of the filter.
    Filter,
    /// The order in the filter's sheet.
    Order(bool),
    /// Takes the filter's sheet.
    ApplyFilter(bool),
    /// A button of a page that only says something.
    Say(&'static str),
}

struct MainActivity {
    onboarding: Option<Onboarding>,
    page: Page,
    form: Option<Form>,
    expenses: Vec<Expense>,
    drawer: bool,
    sheet: Option<Sheet>,
    revealed: Option<i64>,
    chosen: BTreeSet<i64>,
    ascending: bool,
    snackbar: Option<(&'static str, i64)>,
}

impl MainActivity {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.expenses = database::list(system)?;
        if self.ascending {
            self.expenses.reverse();
        }
        let known: BTreeSet<i64> = self.expenses.iter().map(|expense| expense.id).collect();
        self.chosen.retain(|id| known.contains(id));
        self.revealed = self.revealed.filter(|id| known.contains(id));
        Ok(())
    }

    fn say(&mut self, system: &System, words: &'static str) {
        self.snackbar = Some((words, system.clock.uptime_micros() + SNACKBAR_MICROS));
    }

    fn snackbar(&self, system: &System) -> Option<&'static str> {
        self.snackbar
            .filter(|(_, until)| system.clock.uptime_micros() < *until)
            .map(|(words, _)| words)
    }

    fn save(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let now = system.clock.now_millis();
        let Some(form) = &mut self.form else {
            return Ok(Effects::none());
        };
        let Some(expense) = form.submit(now) else {
            return Ok(Effects::none());
        };
        let (update, lock) = (form.is_update(), form.lock);
        database::save(system, &expense)?;
        self.reload(system)?;
        if lock {
            let mut next = Form::new(now);
            next.lock = true;
            self.form = Some(next);
            self.say(system, "Saved!");
            return Ok(Effects::none().focus("edt_name"));
        }
        self.form = None;
        if update {
            self.say(system, "Data Updated!");
        } else {
            self.page = Page::Home;
        }
        Ok(Effects::none().hide_keyboard())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Onboarding(message) => {
                if let Some(onboarding) = &mut self.onboarding
                    && onboarding.update(message)
                {
                    onboarding.store(&system.files)?;
                    self.onboarding = None;
                    self.reload(system)?;
                }
            }
            Message::Drawer(open) => self.drawer = open,
            Message::Page(page) => {
                self.drawer = false;
                self.page = page;
                self.revealed = None;
                self.chosen.clear();
                self.reload(system)?;
            }
            Message::Up => return Ok(self.up()),
            Message::Add => {
                self.form = Some(Form::new(system.clock.now_millis()));
                return Ok(Effects::none().focus("edt_name"));
            }
            Message::Form(message) => {
                if let Some(form) = &mut self.form {
                    form.update(system, message);
                }
            }
            Message::Save => return self.save(system),
            Message::Details(id) => {
                let found = self.expenses.iter().find(|expense| expense.id == id);
                self.sheet = found.cloned().map(Sheet::Details);
            }
            Message::Edit(id) => {
                let found = self.expenses.iter().find(|expense| expense.id == id);
                self.form = found.map(Form::of);
                self.sheet = None;
            }
            Message::AskDelete(ids) => self.sheet = Some(Sheet::Delete(ids)),
            Message::AskDeleteChosen => {
                self.sheet = Some(Sheet::Delete(self.chosen.iter().copied().collect()));
            }
            Message::Delete(ids) => {
                self.sheet = None;
                database::delete(system, &ids)?;
                self.reload(system)?;
                self.say(system, "Item Deleted");
            }
            Message::CloseSheet => self.sheet = None,
            Message::Reveal(row) => self.revealed = row,
            Message::Choose(id) => {
                self.revealed = None;
                if !self.chosen.remove(&id) {
                    self.chosen.insert(id);
                }
            }
            Message::Filter => self.sheet = Some(Sheet::Filter(self.ascending)),
            Message::Order(ascending) => self.sheet = Some(Sheet::Filter(ascending)),
            Message::ApplyFilter(ascending) => {
                self.sheet = None;
                self.ascending = ascending;
                self.reload(system)?;
            }
            Message::Say(words) => self.say(system, words),
        }
        Ok(Effects::none())
    }

    /// One step out: the form, then a selection, then the page.
    fn up(&mut self) -> Effects {
        if self.form.take().is_some() {
            return Effects::none().hide_keyboard();
        }
        if !self.chosen.is_empty() || self.revealed.is_some() {
            self.chosen.clear();
            self.revealed = None;
        } else if self.page == Page::Home {
            return Effects::none().finish();
        } else {
            self.page = Page::Home;
        }
        Effects::none()
    }

    fn content(&self, system: &System) -> Widget<Message> {
        if let Some(onboarding) = &self.onboarding {
            return onboarding.view();
        }
        if let Some(form) = &self.form {
            return form.view(system);
        }
        match self.page {
            Page::Home => home::view(&self.expenses, system),
            Page::Logs => logs::view(&self.expenses, self.revealed, &self.chosen, system),
            Page::Statistics => pages::statistics(&self.expenses),
            Page::Backup => pages::backup(),
            Page::Feedback => pages::feedback(),
            Page::About => pages::about(),
            Page::Settings => pages::settings(),
        }
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let first = stored.flag("isFirstTime", true);
        MainActivity {
            onboarding: first.then(Onboarding::default),
            page: Page::Home,
            form: None,
            expenses: Vec::new(),
            drawer: false,
            sheet: None,
            revealed: None,
            chosen: BTreeSet::new(),
            ascending: false,
            snackbar: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        match self.onboarding.as_mut().map(Onboarding::back) {
            Some(true) => Effects::none(),
            Some(false) => Effects::none().finish(),
            None => self.up(),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let mut layers = vec![self.content(system).id("fc_main")];
        let snackbar = self.snackbar(system);
        if let Some(words) = snackbar {
            layers.push(
                row(vec![theme::label(words).id("snackbar_text")])
                    .class("android.widget.FrameLayout")
                    .rounded(Color::rgb(0x32_3640), 6.0)
                    .padding(16.0)
                    .margin(12.0)
                    .place(Align::Start, Align::End),
            );
        } else if self.page == Page::Home
            && self.form.is_none()
            && self.onboarding.is_none()
            && self.sheet.is_none()
        {
            let add = round_button(Icon::Add, "", theme::BLUE, Message::Add).id("fb_main_add");
            layers.push(add);
        }
        let drawer = self.drawer.then(|| {
            Overlay::new(
                OverlayKind::Drawer,
                pages::drawer(self.page),
                Message::Drawer(false),
            )
        });
        let sheet = self.sheet.as_ref().map(|sheet| {
            Overlay::new(
                OverlayKind::BottomSheet,
                sheet.view(system),
                Message::CloseSheet,
            )
        });
        Screen::new(
            stack(layers)
                .id("dl_main")
                .class("androidx.drawerlayout.widget.DrawerLayout")
                .fill(),
        )
        .background(theme::BACKGROUND)
        .overlay(drawer)
        .overlay(sheet)
        .overlay(self.form.as_ref().and_then(Form::overlay))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

/// Leaves the app as after its first start: onboarding done, the database made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    Onboarding::default().store(&system.files)?;
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Pro Expense",
    icon: Icon::Money,
    color: Color::rgb(0x2B_4C7E),
    activities: &[ActivityEntry::new(
        "com.arduia.expense.ui.MainActivity",
        activity::<MainActivity>,
    )
    .launcher()],
};
