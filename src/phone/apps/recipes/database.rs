//! Broccoli's database: recipes, the categories that a user has made, and which recipe is in which.

use rusqlite::params;

use super::PACKAGE;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// One recipe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Title.
    pub title: String,
    /// File of its picture; empty without one.
    pub image: String,
    /// Description.
    pub description: String,
    /// For how many.
    pub servings: String,
    /// How long it takes.
    pub time: String,
    /// Where it is from.
    pub source: String,
    /// One a line.
    pub ingredients: String,
    /// One a line.
    pub directions: String,
    /// A favourite.
    pub favorite: bool,
    /// Row ids of its categories.
    pub categories: Vec<i64>,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Category {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Name.
    pub name: String,
}

// Tables, indices and triggers as the app's own library for databases makes them. The triggers keep the
// index of words, whoever changes the recipes.
const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS `recipes` (`recipeId` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, `title` TEXT, \
`imageName` TEXT, `description` TEXT, `servings` TEXT, `preparationTime` TEXT, `source` TEXT, \
`ingredients` TEXT, `directions` TEXT, `favorite` INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS `categories` (`categoryId` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, `name` TEXT);
CREATE TABLE IF NOT EXISTS `recipes_with_categories` (`recipeId` INTEGER NOT NULL, `categoryId` INTEGER NOT NULL, \
PRIMARY KEY(`recipeId`, `categoryId`), \
FOREIGN KEY(`recipeId`) REFERENCES `recipes`(`recipeId`) ON UPDATE NO ACTION ON DELETE CASCADE , \
FOREIGN KEY(`categoryId`) REFERENCES `categories`(`categoryId`) ON UPDATE NO ACTION ON DELETE CASCADE );
CREATE INDEX IF NOT EXISTS `index_recipes_with_categories_recipeId` ON `recipes_with_categories` (`recipeId`);
CREATE INDEX IF NOT EXISTS `index_recipes_with_categories_categoryId` ON `recipes_with_categories` (`categoryId`);
CREATE VIRTUAL TABLE IF NOT EXISTS `recipes_fts` USING FTS4(`title` TEXT, `description` TEXT, `source` TEXT, \
`ingredients` TEXT, tokenize=unicode61 `tokenchars=#`, content=`recipes`);
CREATE TRIGGER IF NOT EXISTS room_fts_content_sync_recipes_fts_BEFORE_UPDATE BEFORE UPDATE ON `recipes` \
BEGIN DELETE FROM `recipes_fts` WHERE `docid`=OLD.`rowid`; END;
CREATE TRIGGER IF NOT EXISTS room_fts_content_sync_recipes_fts_BEFORE_DELETE BEFORE DELETE ON `recipes` \
BEGIN DELETE FROM `recipes_fts` WHERE `docid`=OLD.`rowid`; END;
CREATE TRIGGER IF NOT EXISTS room_fts_content_sync_recipes_fts_AFTER_UPDATE AFTER UPDATE ON `recipes` \
BEGIN INSERT INTO `recipes_fts`(`docid`, `title`, `description`, `source`, `ingredients`) \
VALUES (NEW.`rowid`, NEW.`title`, NEW.`description`, NEW.`source`, NEW.`ingredients`); END;
CREATE TRIGGER IF NOT EXISTS room_fts_content_sync_recipes_fts_AFTER_INSERT AFTER INSERT ON `recipes` \
BEGIN INSERT INTO `recipes_fts`(`docid`, `title`, `description`, `source`, `ingredients`) \
VALUES (NEW.`rowid`, NEW.`title`, NEW.`description`, NEW.`source`, NEW.`ingredients`); END;
CREATE TABLE IF NOT EXISTS room_master_table (id INTEGER PRIMARY KEY,identity_hash TEXT);
INSERT OR IGNORE INTO room_master_table (id,identity_hash) VALUES(42, '1548e88f42d976a4b4915ca1cfa71e00');
CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);";

/// The version of the schema.
const VERSION: i64 = 1;

/// The app's database, whose file has no extension.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/broccoli",
    prepare: |connection| {
        connection.execute_batch(SCHEMA)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0 => connection.pragma_update(None, "user_version", VERSION),
            _ => Ok(()),
        }
    },
};

/// All recipes by title, whatever its capitals. A null counts as empty.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Recipe>, PhoneError> {
    DATABASE.with(system, |connection| {
        let mut recipes: Vec<Recipe> = connection
            .prepare(
                "SELECT recipeId, title, imageName, description, servings, preparationTime, source, \
                 ingredients, directions, favorite FROM recipes ORDER BY title COLLATE NOCASE, recipeId",
            )?
            .query_map([], |row| {
                let words = |column: usize| -> rusqlite::Result<String> {
                    Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
                };
                Ok(Recipe {
                    id: row.get(0)?,
                    title: words(1)?,
                    image: words(2)?,
                    description: words(3)?,
                    servings: words(4)?,
                    time: words(5)?,
                    source: words(6)?,
                    ingredients: words(7)?,
                    directions: words(8)?,
                    favorite: row.get::<_, Option<i64>>(9)?.unwrap_or(0) != 0,
                    categories: Vec::new(),
                })
            })?
            .collect::<Result<_, _>>()?;
        let links: Vec<(i64, i64)> = connection
            .prepare(
                "SELECT recipeId, categoryId FROM recipes_with_categories ORDER BY categoryId",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        if !links.is_empty() {
            for recipe in &mut recipes {
                let own = links.iter().filter(|(id, _)| *id == recipe.id);
                recipe.categories = own.map(|(_, category)| *category).collect();
            }
        }
        Ok(recipes)
    })
}

/// One recipe.
///
/// # Errors
/// When the database cannot be read.
pub fn get(system: &System, id: i64) -> Result<Option<Recipe>, PhoneError> {
    Ok(list(system)?.into_iter().find(|recipe| recipe.id == id))
}

/// Stores a new recipe (id 0) or changes one, with its categories; returns its row id.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, recipe: &Recipe) -> Result<i64, PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        let values = params![
            recipe.title,
            recipe.image,
            recipe.description,
            recipe.servings,
            recipe.time,
            recipe.source,
            recipe.ingredients,
            recipe.directions,
            recipe.favorite,
            (recipe.id != 0).then_some(recipe.id),
        ];
        let statement = if recipe.id == 0 {
            "INSERT INTO recipes (title, imageName, description, servings, preparationTime, source, \
             ingredients, directions, favorite, recipeId) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        } else {
            "UPDATE recipes SET title = ?1, imageName = ?2, description = ?3, servings = ?4, \
             preparationTime = ?5, source = ?6, ingredients = ?7, directions = ?8, favorite = ?9 \
             WHERE recipeId = ?10"
        };
        transaction.execute(statement, values)?;
        let id = match recipe.id {
            0 => transaction.last_insert_rowid(),
            id => id,
        };
        transaction.execute(
            "DELETE FROM recipes_with_categories WHERE recipeId = ?1",
            [id],
        )?;
        for category in &recipe.categories {
            transaction.execute(
                "INSERT OR IGNORE INTO recipes_with_categories (recipeId, categoryId) VALUES (?1, ?2)",
                [id, *category],
            )?;
        }
        transaction.commit()?;
        Ok(id)
    })
}

/// Removes a recipe.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, id: i64) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        transaction.execute(
            "DELETE FROM recipes_with_categories WHERE recipeId = ?1",
            [id],
        )?;
        transaction.execute("DELETE FROM recipes WHERE recipeId = ?1", [id])?;
        transaction.commit()
    })
}

/// The categories by name.
///
/// # Errors
/// When the database cannot be read.
pub fn categories(system: &System) -> Result<Vec<Category>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT categoryId, name FROM categories ORDER BY name COLLATE NOCASE, categoryId",
            )?
            .query_map([], |row| {
                Ok(Category {
                    id: row.get(0)?,
                    name: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                })
            })?
            .collect()
    })
}

/// Stores a new category (id 0) or renames one.
///
/// # Errors
/// When the database cannot be written.
pub fn save_category(system: &System, category: &Category) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "INSERT INTO categories (categoryId, name) VALUES (NULLIF(?1, 0), ?2) \
                 ON CONFLICT (categoryId) DO UPDATE SET name = ?2",
                params![category.id, category.name],
            )
            .map(drop)
    })
}

/// Removes a category; its recipes stay.
///
/// # Errors
/// When the database cannot be written.
pub fn delete_category(system: &System, id: i64) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        transaction.execute(
            "DELETE FROM recipes_with_categories WHERE categoryId = ?1",
            [id],
        )?;
        transaction.execute("DELETE FROM categories WHERE categoryId = ?1", [id])?;
        transaction.commit()
    })
}
