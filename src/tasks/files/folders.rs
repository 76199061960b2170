//! The folders of the shared storage, with names of files that are at home in them.

/// A folder.
pub(super) struct Folder {
    /// Its name, below the volume.
    pub name: &'static str,
    /// Files as one would find them there.
    pub files: &'static [&'static str],
}

impl Folder {
    /// The names as parameters hold them.
    pub fn pool(&self) -> Vec<String> {
        self.files.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// All of them.
pub(super) const FOLDERS: [Folder; 12] = [
    Folder {
        name: "Alarms",
        files: &[
            "sunrise_bells.mp3",
            "rooster.mp3",
            "kitchen_timer.mp3",
            "church_tower.mp3",
            "rain_wakeup.mp3",
            "marching_band.mp3",
            "soft_gong.mp3",
            "cuckoo_clock.mp3",
        ],
    },
    Folder {
        name: "Audiobooks",
        files: &[
            "lighthouse_part_one.mp3",
            "lighthouse_part_two.mp3",
            "winter_tales.mp3",
            "the_long_river.mp3",
            "garden_of_clocks.mp3",
            "letters_from_kyoto.mp3",
            "history_of_bread.mp3",
            "night_train.mp3",
        ],
    },
    Folder {
        name: "DCIM",
        files: &[
            "harbour_evening.jpg",
            "grandma_birthday.jpg",
            "mountain_hut.jpg",
            "street_market.jpg",
            "red_bicycle.jpg",
            "first_snow.jpg",
            "pier_walk.jpg",
            "school_play.jpg",
            "balcony_tomatoes.jpg",
        ],
    },
    Folder {
        name: "Documents",
        files: &[
            "rental_contract.pdf",
            "tax_summary.pdf",
            "travel_insurance.pdf",
            "bike_manual.pdf",
            "meeting_minutes.pdf",
            "course_certificate.pdf",
            "floor_plan.pdf",
            "energy_bill.pdf",
        ],
    },
    Folder {
        name: "Download",
        files: &[
            "printer_setup.exe",
            "museum_tickets.pdf",
            "fonts_bundle.zip",
            "city_map.png",
            "lecture_recording.mp4",
            "chess_club.apk",
            "holiday_forms.zip",
            "recipe_cards.pdf",
        ],
    },
    Folder {
        name: "Movies",
        files: &[
            "canoe_trip.mp4",
            "wedding_dance.mp4",
            "puppy_first_day.mp4",
            "drone_coast.mp4",
            "concert_encore.mp4",
            "baking_lesson.mp4",
            "goal_replay.mp4",
            "fireworks.mp4",
        ],
    },
    Folder {
        name: "Music",
        files: &[
            "blue_harbor.mp3",
            "paper_lanterns.mp3",
            "slow_train_home.mp3",
            "northern_lights.mp3",
            "coffee_at_six.mp3",
            "tin_roof_rain.mp3",
            "last_summer_waltz.mp3",
            "city_of_bridges.mp3",
        ],
    },
    Folder {
        name: "Notifications",
        files: &[
            "water_drop.mp3",
            "wood_knock.mp3",
            "two_tones.mp3",
            "bird_chirp.mp3",
            "typewriter.mp3",
            "glass_tap.mp3",
            "short_whistle.mp3",
            "marble_roll.mp3",
        ],
    },
    Folder {
        name: "Pictures",
        files: &[
            "class_poster.jpg",
            "logo_draft.jpg",
            "garden_sketch.jpg",
            "whiteboard_notes.jpg",
            "new_sofa.jpg",
            "passport_photo.jpg",
            "team_lunch.jpg",
            "cat_on_shelf.jpg",
        ],
    },
    Folder {
        name: "Podcasts",
        files: &[
            "science_weekly_12.mp3",
            "small_town_stories.mp3",
            "startup_diary.mp3",
            "forest_sounds.mp3",
            "language_lab_3.mp3",
            "football_review.mp3",
            "kitchen_talk.mp3",
            "space_hour.mp3",
        ],
    },
    Folder {
        name: "Recordings",
        files: &[
            "piano_practice.mp3",
            "interview_draft.mp3",
            "choir_rehearsal.mp3",
            "lecture_week_two.mp3",
            "voice_memo.mp3",
            "band_demo.mp3",
            "phone_reminder.mp3",
            "nature_walk.mp3",
        ],
    },
    Folder {
        name: "Ringtones",
        files: &[
            "old_telephone.mp3",
            "guitar_riff.mp3",
            "bossa_nova.mp3",
            "space_signal.mp3",
            "marimba_steps.mp3",
            "jazz_trumpet.mp3",
            "street_organ.mp3",
            "harp_scale.mp3",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_ending_and_is_there_once() {
        let mut names: Vec<&str> = FOLDERS.iter().flat_map(|one| one.files).copied().collect();
        assert!(names.iter().all(|name| name.contains('.')));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
