//! Notebooks, and the notes that are in them beside those that a question is about. Our own words.

/// Titles and texts of a notebook's notes.
type Pairs = &'static [(&'static str, &'static str)];

/// The notebooks.
pub(super) const FOLDERS: [(&str, Pairs); 12] = [
    ("Recipes", RECIPES),
    ("Tasks", TASKS),
    ("Meeting Notes", MEETINGS),
    ("Personal", PERSONAL),
    ("Work", WORK),
    ("School", SCHOOL),
    ("Home", HOME),
    ("Projects", PROJECTS),
    ("Ideas", IDEAS),
    ("Health", HEALTH),
    ("Travel", TRAVEL),
    ("Finance", FINANCE),
];

const RECIPES: Pairs = &[
    (
        "Lentil soup",
        "Simmer 2 cups of lentils with a carrot and cumin for half an hour.",
    ),
    (
        "Tomato salad",
        "Slice four tomatoes, add 1 tablespoon of olive oil and basil.",
    ),
    (
        "Oat cookies",
        "Mix 3 cups of oats with honey and raisins. Bake until golden.",
    ),
    (
        "Potato gratin",
        "Layer potatoes with 1 cup of cream and nutmeg. An hour in the oven.",
    ),
    (
        "Fried rice",
        "Use cold rice, two eggs, peas and 2 tablespoons of soy sauce.",
    ),
    (
        "Pea risotto",
        "Stir the stock in slowly. Peas and cheese at the very end.",
    ),
    (
        "Apple crumble",
        "Six apples, 1 cup of flour, butter and a little cinnamon.",
    ),
    (
        "Carrot cake",
        "Grate the carrots finely and fold in 2 cups of nuts.",
    ),
    (
        "Mint lemonade",
        "Squeeze five lemons, add mint and 3 tablespoons of sugar.",
    ),
    (
        "Bean chili",
        "Soak the beans the night before. Cocoa makes it dark.",
    ),
    (
        "Onion tart",
        "Sweat the onions very slowly and let the dough rest.",
    ),
    (
        "Pumpkin stew",
        "Roast the pumpkin first, then add ginger and coconut milk.",
    ),
    (
        "Garlic bread",
        "Soft butter, parsley and garlic; ten minutes at high heat.",
    ),
    (
        "Cucumber dip",
        "Yoghurt, cucumber, dill and salt. Keep it cold.",
    ),
    (
        "Plum jam",
        "Equal weights of plums and sugar, boiled until it sets.",
    ),
    (
        "Corn fritters",
        "Fry small spoonfuls on both sides and serve with lime.",
    ),
    (
        "Mushroom pasta",
        "Brown the mushrooms without salt, then add thyme.",
    ),
    (
        "Rye rolls",
        "Start the dough in the evening and bake before breakfast.",
    ),
    (
        "Rhubarb compote",
        "Cook the stalks with vanilla until they fall apart.",
    ),
    (
        "Leek quiche",
        "Two leeks, three eggs and 1 cup of milk fill one dish.",
    ),
];

const TASKS: Pairs = &[
    (
        "Call the plumber",
        "The kitchen tap drips again. Ask for a morning.",
    ),
    ("Renew passport", "Bring two photos and the old one."),
    (
        "Return the drill",
        "It belongs to the neighbours on the second floor.",
    ),
    ("Post the parcel", "The office closes at noon on Saturdays."),
    ("Water the ferns", "Every third day, less in winter."),
    ("Order new glasses", "Take the prescription along."),
    ("Cancel the magazine", "Before the end of the month."),
    ("Wash the curtains", "Cold water only."),
    ("Book the ferry", "The early one is cheaper."),
    (
        "Sharpen the knives",
        "The market has a stand for it on Fridays.",
    ),
    (
        "Back up the photos",
        "Two copies, one of them outside of the house.",
    ),
    ("Clean the gutters", "Borrow the long ladder."),
    ("Thank the teacher", "A card is enough."),
    ("Sort the cables", "Throw away what fits nothing."),
    ("Fix the doorbell", "Probably just the battery."),
    ("Vote by mail", "The letter must arrive by Sunday."),
    ("Replace the bulb", "The one in the hallway, warm white."),
    ("Find the warranty", "It was in the blue folder."),
    ("Print the tickets", "The phone may run out of power."),
    ("Measure the window", "For the new blinds, width first."),
];

const MEETINGS: Pairs = &[
    (
        "Roof committee",
        "12 people attended. The offers will be compared next week.",
    ),
    (
        "Parents evening",
        "Attendees: 31. The trip to the museum was agreed on.",
    ),
    (
        "Street party planning",
        "Tables come from the club, music from the school.",
    ),
    (
        "Safety briefing",
        "There were 18 attendees. New exits are marked in green.",
    ),
    (
        "Chess club assembly",
        "The board was confirmed. Fees stay as they are.",
    ),
    ("Harvest debrief", "Less fruit than last year, but sweeter."),
    ("Kitchen rota talk", "Everybody cooks once every two weeks."),
    (
        "Volunteers welcome",
        "42 people attended and most of them signed up.",
    ),
    (
        "Press round",
        "Three questions were left open for the mail.",
    ),
    (
        "Tenants gathering",
        "The heating is to be checked before November.",
    ),
    (
        "Rehearsal review",
        "The second act is too long. Cut the song.",
    ),
    ("Supplier call", "Delivery moves to Tuesdays."),
    (
        "Archive working group",
        "Boxes 1 to 40 are listed, the rest in spring.",
    ),
    ("Orchard walk", "Attendees: 9. Two trees need support."),
    (
        "Design critique",
        "The second draft is clearer; the colours are still too loud.",
    ),
    (
        "Quarter kickoff",
        "Goals were shared, details follow by mail.",
    ),
    ("Reading circle", "Next time the first hundred pages."),
    (
        "Trail maintenance",
        "Bring gloves and saws to the parking place.",
    ),
    ("Exhibition jury", "Seven works were chosen out of sixty."),
    ("Welcome breakfast", "The new colleagues start in October."),
];

const PERSONAL: Pairs = &[
    ("Letter to Ines", "Tell her about the lake and the dog."),
    (
        "Films to see",
        "The one with the lighthouse, and the old detective story.",
    ),
    (
        "Birthday wishes",
        "A warm scarf, a good pencil, a quiet day.",
    ),
    ("Old songs", "The lullaby that grandmother used to hum."),
    ("Dream from Tuesday", "A train that went under the sea."),
    ("Books lent out", "Two to Milo, the atlas to Greta."),
    (
        "Morning pages",
        "Rain again. The coffee was good, the news were not.",
    ),
    ("Shoe sizes", "Children grow quickly; ask again in spring."),
    (
        "Favourite walks",
        "Along the canal to the mill and back over the hill.",
    ),
    ("Names for the cat", "Pepper, Nutmeg, Sir Henry."),
    (
        "Things to learn",
        "Juggling, a little Greek, how to bake bread.",
    ),
    ("Spare keys", "One is with the baker."),
    ("Family tree", "Great-uncle Otto came from the mountains."),
    ("Good jokes", "The one with the duck and the ladder."),
    ("Museum visit", "The maps were in the last room."),
    (
        "Summer memories",
        "Swimming at midnight and the smell of pines.",
    ),
    ("Gift for Paula", "Something for the balcony."),
    ("Quotes to keep", "Slow is smooth, and smooth is fast."),
    ("Neighbourhood news", "The bakery closes on Mondays now."),
    ("Choir songs", "Alto part of the second carol."),
];

const WORK: Pairs = &[
    ("Office supplies", "Paper, two staplers, green markers."),
    (
        "Interview questions",
        "What did you change your mind about?",
    ),
    (
        "Report outline",
        "Numbers first, then reasons, then what to do.",
    ),
    ("Server names", "Planets for tests, moons for the rest."),
    ("Holiday cover", "Jonas takes the phone, Mara the mail."),
    ("Badge request", "Third floor, west door."),
    (
        "Slides for Thursday",
        "No more than ten, and one picture each.",
    ),
    (
        "Customer feedback",
        "They like the speed and miss the export.",
    ),
    ("Desk move", "Boxes are in the cellar; label the cables."),
    ("Review checklist", "Names, tests, edges, words."),
    ("Printer trouble", "Turn it off and on and say please."),
    ("Training plan", "Two hours each week, on paper first."),
    (
        "Release notes draft",
        "Faster search, fewer clicks, one old bug less.",
    ),
    ("Lunch places", "The noodle bar is full after noon."),
    ("Contract questions", "Notice period and travel costs."),
    ("Time sheet", "Hand in before the fifth."),
    ("Onboarding buddy", "Show the kitchen before the code."),
    ("Numbers for Lena", "Last quarter without the fair."),
    ("Parking space", "Number 14 is free until March."),
    ("Team presents", "Everyone gives five."),
];

const SCHOOL: Pairs = &[
    (
        "Essay topics",
        "Rivers as borders, or the history of paper.",
    ),
    ("Maths homework", "Page 52, exercises two to five."),
    ("Chemistry symbols", "Tin is Sn, lead is Pb."),
    ("Class trip", "Raincoat, sandwich, and the signed letter."),
    ("Library books", "Due on the nineteenth."),
    ("French words", "Parapluie, ecureuil, brouillard."),
    ("Science fair", "The volcano needs a new crater."),
    ("Timetable change", "Sports moves to the afternoon."),
    ("History dates", "The bridge was built in 1889."),
    ("Group project", "Amir draws, Zoe writes, I present."),
    (
        "Exam tips",
        "Read all the questions before the first answer.",
    ),
    ("Music practice", "Twenty minutes of scales."),
    ("Poem to learn", "Four verses by Monday."),
    ("Locker code", "Ask the caretaker again."),
    ("Geography quiz", "Capitals of the Baltic states."),
    ("Biology notes", "A cell has walls only in plants."),
    ("Debate arguments", "For longer breaks, against homework."),
    ("School play", "I am the second tree."),
    ("Drawing supplies", "Charcoal and a soft eraser."),
    ("Physics formula", "Work is force times way."),
];

const HOME: Pairs = &[
    ("Paint colours", "Sage for the hall, chalk for the kitchen."),
    ("Filter size", "The vacuum takes the short one."),
    ("Laundry rules", "Wool at thirty degrees, never the dryer."),
    ("Shelf plan", "Three boards, oak, as deep as the wall."),
    ("Meter readings", "Gas 4411, water 208."),
    ("Plant care", "The orchid drinks from below."),
    ("Bin days", "Paper on even Wednesdays."),
    ("Guest room", "Fresh sheets and the small lamp."),
    ("Attic boxes", "Skis, old letters, the cradle."),
    ("Heating times", "Down at ten, up at six."),
    ("Lost screws", "In the jar above the sink."),
    ("Cleaning day", "Windows first, floors last."),
    ("Sofa repair", "The left leg is loose."),
    ("Garden hose", "Empty it before the frost."),
    ("Kitchen inventory", "Too many mugs and no sieve."),
    ("Neighbour's number", "On the inside of the cupboard."),
    ("Fuse box", "The third switch is the oven."),
    ("Curtain length", "Two metres and ten."),
    ("Bed frame", "Tighten the bolts twice a year."),
    ("Spice rack", "By colour, not by letter."),
];

const PROJECTS: Pairs = &[
    ("Bird house", "A hole as wide as a thumb, facing east."),
    ("Weather station", "The sensor needs shade and wind."),
    ("Photo book", "Pick a hundred, then halve them."),
    ("Model railway", "The bridge is a little too steep."),
    ("Website redesign", "Fewer pages and larger letters."),
    ("Podcast pilot", "Ten minutes about lost things."),
    ("Quilt", "Blue squares are done, the border is not."),
    ("Board game", "The rules fit on one card now."),
    ("Compost heap", "Turn it every other week."),
    ("Short film", "One room, two people, no words."),
    ("Telescope mount", "It shakes when somebody walks by."),
    ("Radio play", "The door must creak twice."),
    ("Herbarium", "Press between newspapers."),
    ("Lamp from driftwood", "Drill slowly from both ends."),
    ("Street map", "All benches and fountains of the quarter."),
    ("Puppet theatre", "The dragon needs a voice."),
    ("Cargo bike", "The brakes come from the old tandem."),
    ("Family cookbook", "Ask aunt Vera for the dumplings."),
    ("Beehive log", "Weigh them on Sundays."),
    ("Language course", "Lesson five, the past tense."),
];

const IDEAS: Pairs = &[
    ("Umbrella library", "Borrow one at any bus stop."),
    ("Silent alarm", "Light instead of noise."),
    ("Story about a clock", "It runs backwards once a year."),
    ("Swap market", "Bring three things and take two."),
    ("Edible spoons", "They must survive a soup."),
    ("Night museum", "Torches for everyone at the door."),
    ("Game without winners", "The tower only has to stand."),
    ("Rooftop garden", "Tomatoes like the heat of the bricks."),
    ("Letter to the future", "Bury it under the pear tree."),
    ("Cooking by colour", "One evening, everything orange."),
    ("Walking meetings", "Notes are taken afterwards."),
    ("Picture a day", "Always from the same window."),
    ("Repair café", "Tea while the glue dries."),
    ("Sound map", "Record the city at dawn."),
    ("Tiny concert", "In the stairwell, it echoes well."),
    ("Borrowed shelf", "Take a book and leave a note."),
    ("Slow postcards", "Delivered after one year."),
    ("Scent memory", "Which smell belongs to which town?"),
    ("Chalk poems", "On the pavement until it rains."),
    ("One word diary", "Today it was windy."),
];

const HEALTH: Pairs = &[
    ("Dentist", "Ask about the left molar."),
    ("Running log", "Five kilometres, slow, with a view."),
    ("Allergies", "Hazel in March, grass in June."),
    ("Stretching", "Hips first, then the shoulders."),
    ("Sleep diary", "Better without the screen."),
    ("Vaccinations", "Tetanus is due next year."),
    ("Back exercises", "Ten of each, every morning."),
    ("Water intake", "A jug on the desk helps."),
    ("Eye test", "The right one is a little weaker."),
    ("First aid box", "Plasters are nearly gone."),
    ("Swimming times", "The pool is empty before seven."),
    ("Headache notes", "Often after long rides."),
    ("Yoga class", "Bring the thick mat."),
    ("Blood pressure", "118 over 76 on Monday."),
    ("Tea for colds", "Thyme, ginger and patience."),
    ("Insurance number", "It is on the green card."),
    ("Knee rehab", "No stairs with weights yet."),
    ("Cycling goals", "To the castle and back by June."),
    ("Lunch swaps", "Nuts instead of biscuits."),
    ("Doctor's hours", "Closed on Wednesday afternoons."),
];

const TRAVEL: Pairs = &[
    ("Packing basics", "Adapter, towel, one good book."),
    ("Night train", "Lower bunk, window side."),
    ("Island hopping", "The small ferry takes no cards."),
    ("Phrases in Italian", "Il conto, per favore."),
    ("Hut reservations", "Two nights below the pass."),
    ("City map notes", "The tower is free on Sundays."),
    ("Road trip snacks", "Grapes do not melt."),
    ("Visa papers", "Three copies and a photo."),
    ("Camping list", "Pegs, mallet, the spare rope."),
    ("Hostel tips", "Ask for the room to the yard."),
    ("Souvenirs", "Salt for Leo, a stone for me."),
    ("Airport transfer", "The bus leaves from platform nine."),
    ("Hiking route", "Over the ridge if the weather holds."),
    ("Currency", "Small coins for the lockers."),
    ("Boat rental", "Half a day is enough for the bay."),
    ("Travel diary", "The market woke us with trumpets."),
    ("Restaurants to try", "The one behind the fish hall."),
    ("Lost luggage", "Fill in the form before leaving."),
    ("Time zones", "Call home after eight."),
    ("Winter journey", "Chains for the car, soup in a flask."),
];

const FINANCE: Pairs = &[
    (
        "Monthly budget",
        "A little less for books, a little more for shoes.",
    ),
    ("Tax papers", "Receipts are in the second drawer."),
    ("Savings goal", "The bike by spring."),
    ("Rent increase", "Compare with the table of the town."),
    ("Insurance check", "Two of them cover the same."),
    ("Shared costs", "Mia paid the boat, I paid the bread."),
    ("Bank appointment", "Ask about the fees."),
    ("Electricity contract", "It can be changed in May."),
    ("Piggy bank", "Coins go to the machine in the hall."),
    ("Invoice numbers", "Start again with the new year."),
    ("Subscriptions", "Three too many."),
    ("Pocket money", "On Fridays, in coins."),
    ("Loan to Ben", "He returns it after the summer."),
    ("Flea market income", "The lamp sold first."),
    ("Donations", "Before December."),
    ("Car expenses", "New tyres, old brakes."),
    ("Pension letter", "Keep the last page."),
    ("Grocery costs", "Cheaper with a list."),
    (
        "Price comparison",
        "The shop at the corner is dearer but near.",
    ),
    ("Holiday fund", "A jar on the fridge."),
];
