//! The window manager's state as shell commands print it.

use std::fmt::Write;

use super::WindowManager;
use super::task::{Task, describe};
use crate::phone::system::System;

impl WindowManager {
    /// The text of `am stack list`: the front task first, its line with `visible=true`.
    pub fn stack_list(&self, system: &System) -> String {
        let size = system.size();
        let bounds = format!("[0,0][{},{}]", size.width, size.height);
        let mut out = String::new();
        for (task, visible) in self.ordered() {
            let Some(top) = task.stack.last() else {
                continue;
            };
            let id = task.id;
            let kind = if task.home { "home" } else { "standard" };
            let component = top.component();
            let root = task.stack.first().unwrap_or(top).component();
            let _ = writeln!(out, "RootTask id={id} bounds={bounds} displayId=0 userId=0");
            let _ = writeln!(
                out,
                " configuration={{1.0 310mcc260mnc [en_US] ldltr sw411dp w411dp {}dpi nrml long {} finger qwerty/v/v \
                 winConfig={{ mWindowingMode=fullscreen mActivityType={kind} }} s.1}}",
                system.density(),
                if size.width > size.height {
                    "land"
                } else {
                    "port"
                }
            );
            let _ = writeln!(
                out,
                "  taskId={id}: {} bounds={bounds} userId=0 visible={visible} topActivity=ComponentInfo{{{}}}",
                root.long(),
                component.long()
            );
            out.push('\n');
        }
        out
    }

    /// The text of `dumpsys activity recents`; a task is named by `id=`.
    pub fn recents(&self, system: &System) -> String {
        let mut out = String::from("ACTIVITY MANAGER RECENT TASKS (dumpsys activity recents)\n");
        out.push_str("mRecentsUid=10102\n");
        let launcher = crate::phone::apps::launcher::PACKAGE;
        let _ = writeln!(
            out,
            "mRecentsComponent=ComponentInfo{{{launcher}/com.android.quickstep.RecentsActivity}}"
        );
        out.push_str("mFreezeTaskListReordering=false\n");
        let tasks: Vec<(&Task, bool)> = self
            .ordered()
            .filter(|(task, _)| task.is_recent())
            .collect();
        if tasks.is_empty() {
            return out;
        }
        out.push_str("  Recent tasks:\n");
        for (position, (task, visible)) in tasks.iter().enumerate() {
            let user = system.packages.user(&task.package).unwrap_or(0);
            let _ = writeln!(
                out,
                "  * Recent #{position}: Task{{{:x} #{} type=standard A={user}:{} U=0 visible={visible} \
                 mode=fullscreen translucent={} sz={}}}",
                task.id * 0x1f35 + 0x5a0_0000,
                task.id,
                task.package,
                !visible,
                task.stack.len()
            );
        }
        out.push_str("  Visible recent tasks (most recent first):\n");
        for (position, (task, _)) in tasks.iter().enumerate() {
            let Some(root) = task.stack.first() else {
                continue;
            };
            let _ = writeln!(out, "  * RecentTaskInfo #{position}:");
            let _ = writeln!(
                out,
                "    id={} userId=0 hasTask=true lastActiveTime={}",
                task.id,
                task.last_active / 1_000
            );
            let _ = writeln!(
                out,
                "    baseIntent={} baseActivity=ComponentInfo{{{}}}",
                describe(&root.intent),
                root.component().long()
            );
        }
        out
    }

    /// The text of `dumpsys activity activities`, as far as clients read it.
    pub fn activities(&self, _system: &System) -> String {
        let mut out = String::from(
            "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\nDisplay #0 (activities from top to bottom):\n",
        );
        for (task, visible) in self.ordered() {
            let kind = if task.home { "home" } else { "standard" };
            let _ = writeln!(
                out,
                "  * Task{{{:x} #{} type={kind} A=0:{} U=0 visible={visible} mode=fullscreen sz={}}}",
                task.id * 0x1f35 + 0x5a0_0000,
                task.id,
                task.package,
                task.stack.len()
            );
            for (position, running) in task.stack.iter().enumerate().rev() {
                let _ = writeln!(
                    out,
                    "    * Hist  #{position}: ActivityRecord{{{:x} u0 {} t{}}}",
                    running.id * 0x2d11 + 0xa40_0000,
                    running.component().short(),
                    task.id
                );
            }
        }
        if let Some(running) = self.front() {
            let task = self.tasks.last().map_or(0, |task| task.id);
            let record = format!(
                "ActivityRecord{{{:x} u0 {} t{task}}}",
                running.id * 0x2d11 + 0xa40_0000,
                self.focused().short()
            );
            let _ = writeln!(out, "  ResumedActivity: {record}");
            let _ = writeln!(out, "  topResumedActivity={record}");
        }
        out
    }

    /// Tasks from the front to the back; only the front one is visible. While the overview is open the home
    /// screen counts as the front.
    fn ordered(&self) -> impl Iterator<Item = (&Task, bool)> {
        let overview = self
            .panel
            .as_ref()
            .is_some_and(|panel| panel.class == crate::phone::apps::launcher::MAIN);
        let home = self.tasks.iter().filter(move |task| overview && task.home);
        let rest = self
            .tasks
            .iter()
            .rev()
            .filter(move |task| !(overview && task.home));
        home.chain(rest)
            .enumerate()
            .map(|(position, task)| (task, position == 0))
    }
}
