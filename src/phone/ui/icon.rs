//! Drawn signs. Each is a few strokes on a 24 x 24 grid.

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Icon {
    /// A plus.
    Add,
    /// A clock with bells.
    Alarm,
    /// An aeroplane.
    Airplane,
    /// A grid of dots.
    Apps,
    /// An arrow to the left.
    Back,
    /// A key that deletes.
    Backspace,
    /// A battery.
    Battery,
    /// A bicycle.
    Bicycle,
    /// The Bluetooth sign.
    Bluetooth,
    /// A boat with a sail.
    Boat,
    /// A sun.
    Brightness,
    /// A calendar leaf.
    Calendar,
    /// A camera.
    Camera,
    /// A tick.
    Check,
    /// A triangle to the right without a stem.
    ChevronRight,
    /// A clock face.
    Clock,
    /// A cross.
    Close,
    /// Two sheets.
    Copy,
    /// A down arrow with a stem.
    ArrowDown,
    /// An up arrow with a stem.
    ArrowUp,
    /// A right arrow with a stem.
    ArrowForward,
    /// A bin.
    Delete,
    /// A sheet of paper.
    Document,
    /// A small filled triangle that opens a list.
    DropDown,
    /// A pencil.
    Edit,
    /// A smiling face.
    Emoji,
    /// A bent arrow.
    Enter,
    /// An angle that opens something below.
    Expand,
    /// An angle that closes something.
    Collapse,
    /// An eye.
    Eye,
    /// A flag.
    Flag,
    /// A torch.
    Flashlight,
    /// A folder.
    Folder,
    /// A globe.
    Globe,
    /// A heart.
    Heart,
    /// A house.
    Home,
    /// A picture.
    Image,
    /// A letter i in a circle.
    Info,
    /// A key.
    Key,
    /// Lines with dots.
    List,
    /// A pin on a map.
    Location,
    /// A padlock.
    Lock,
    /// An envelope.
    Mail,
    /// Three lines.
    Menu,
    /// A speech balloon.
    Message,
    /// A microphone.
    Microphone,
    /// A banknote.
    Money,
    /// Three dots above each other.
    More,
    /// A note of music.
    Music,
    /// A bell.
    Notification,
    /// Two bars.
    Pause,
    /// A person.
    Person,
    /// A handset.
    Phone,
    /// A triangle to the right.
    Play,
    /// A switch of power.
    Power,
    /// An arrow turning right.
    Redo,
    /// An arrow in a circle.
    Refresh,
    /// A circle with a filled centre.
    Record,
    /// A running person.
    Run,
    /// A floppy disk.
    Save,
    /// A magnifying glass.
    Search,
    /// A paper aeroplane.
    Send,
    /// A cog.
    Settings,
    /// Three joined dots.
    Share,
    /// A key cap arrow.
    Shift,
    /// Bars of a mobile signal.
    Signal,
    /// Lines of falling length.
    Sort,
    /// A filled star.
    Star,
    /// An outlined star.
    StarOutline,
    /// A square.
    Stop,
    /// A stopwatch.
    Stopwatch,
    /// A disk drive.
    Storage,
    /// A label.
    Tag,
    /// An hourglass.
    Timer,
    /// An arrow turning left.
    Undo,
    /// A film camera.
    Video,
    /// A loudspeaker.
    Volume,
    /// A walking person.
    Walk,
    /// A triangle with a mark.
    Warning,
    /// The Wi-Fi fan.
    Wifi,
    /// The Wi-Fi fan, struck out.
    WifiOff,
    /// A letter, as in an avatar.
    Letter(char),
}
