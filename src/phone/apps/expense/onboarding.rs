//! Pro Expense's first start: language, then currency.

use super::theme::{BLUE, FIELD, LIGHT, PANEL, dim, label, wide_button};
use super::{Message, PACKAGE};
use crate::phone::system::{Files, PhoneError, Preferences};
use crate::phone::ui::{Icon, ImeAction, Length, Widget, column, icon, list, row, text_field};

const LANGUAGES: [&str; 3] = ["English", "Burmese", "Chinese"];
/// Symbol, name, number.
const CURRENCIES: [(&str, &str, &str); 6] = [
    ("$", "US Dollar", "840"),
    ("€", "Euro", "978"),
    ("£", "British Pound", "826"),
    ("¥", "Japanese Yen", "392"),
    ("₹", "Indian Rupee", "356"),
    ("K", "Burmese Kyat", "104"),
];

/// A touch on the pages.
#[derive(Debug, Clone)]
pub enum OnboardingMessage {
    /// Typed into the search box.
    Search(String),
    /// A row was chosen.
    Choose(usize),
    /// The button.
    Next,
}

/// The two pages.
#[derive(Debug, Clone, Default)]
pub struct Onboarding {
    second: bool,
    search: String,
    language: usize,
    currency: usize,
}

impl Onboarding {
    /// Answers a touch; true when all is chosen.
    pub fn update(&mut self, message: OnboardingMessage) -> bool {
        match message {
            OnboardingMessage::Search(text) => self.search = text,
            OnboardingMessage::Choose(index) if self.second => self.currency = index,
            OnboardingMessage::Choose(index) => self.language = index,
            OnboardingMessage::Next if self.second => return true,
            OnboardingMessage::Next => {
                self.second = true;
                self.search.clear();
            }
        }
        false
    }

    /// Back to the first page; false when that is shown.
    pub fn back(&mut self) -> bool {
        std::mem::take(&mut self.second)
    }

    /// Remembers what was chosen, and that the first start is over.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn store(&self, files: &Files) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(files, PACKAGE);
        stored.put("isFirstTime", false);
        stored.put(
            "language",
            LANGUAGES
                .get(self.language)
                .copied()
                .unwrap_or(LANGUAGES[0]),
        );
        let currency = CURRENCIES.get(self.currency).unwrap_or(&CURRENCIES[0]);
        stored.put("currency", currency.2);
        stored.save(files)
    }

    /// The page.
    pub fn view(&self) -> Widget<Message> {
        let fits = |name: &str| name.to_lowercase().contains(&self.search.to_lowercase());
        let title = if self.second {
            "Choose Currency"
        } else {
            "Choose Language"
        };
        let rows: Vec<Widget<Message>> = if self.second {
            CURRENCIES
                .iter()
                .enumerate()
                .filter(|(_, currency)| fits(currency.1))
                .map(|(index, &(symbol, name, _))| {
                    self.choice(
                        index,
                        index == self.currency,
                        "cv_currency",
                        vec![
                            dim(symbol).id("tv_symbol").width(Length::Dp(28.0)),
                            label(name).id("tv_currency").weight_width(1.0),
                        ],
                    )
                })
                .collect()
        } else {
            LANGUAGES
                .iter()
                .enumerate()
                .filter(|(_, name)| fits(name))
                .map(|(index, &name)| {
                    self.choice(
                        index,
                        index == self.language,
                        "cd_language",
                        vec![label(name).id("tv_language_name").weight_width(1.0)],
                    )
                })
                .collect()
        };
        let content = if rows.is_empty() {
            label("No Items").id("tv_no_item").weight_height(1.0)
        } else {
            let id = if self.second {
                "rv_currencies"
            } else {
                "rv_languages"
            };
            list(rows).id(id).gap(10.0).weight_height(1.0)
        };
        column(vec![
            label("Welcome to Pro Expense")
                .id("tv_welcome")
                .text_size(24.0)
                .bold(),
            column(vec![
                label(title).id("tv_lang").text_size(18.0),
                row(vec![
                    text_field(self.search.clone(), "Search")
                        .id("edt_search")
                        .ime(ImeAction::Search)
                        .color(LIGHT)
                        .weight_width(1.0)
                        .on_change(|text| Message::Onboarding(OnboardingMessage::Search(text))),
                    icon(Icon::Search, 24.0).id("imv_search").color(LIGHT),
                ])
                .id("cv_search")
                .class("androidx.cardview.widget.CardView")
                .rounded(FIELD, 8.0)
                .padding_symmetric(12.0, 0.0),
                content,
            ])
            .id("vp_config")
            .class("androidx.viewpager.widget.ViewPager")
            .gap(12.0)
            .weight_height(1.0),
            wide_button(
                if self.second { "CONTINUE" } else { "NEXT" },
                Message::Onboarding(OnboardingMessage::Next),
            )
            .id("btn_continue"),
        ])
        .gap(20.0)
        .padding(24.0)
        .fill()
    }

    fn choice(
        &self,
        index: usize,
        chosen: bool,
        id: &'static str,
        mut children: Vec<Widget<Message>>,
    ) -> Widget<Message> {
        let mark = if self.second {
            "imv_selected"
        } else {
            "imv_checked"
        };
        if chosen {
            children.push(icon(Icon::Check, 22.0).id(mark).color(BLUE));
        }
        row(children)
            .id(id)
            .class("androidx.cardview.widget.CardView")
            .rounded(PANEL, 8.0)
            .padding(16.0)
            .on_tap(Message::Onboarding(OnboardingMessage::Choose(index)))
    }
}
