//! The files that are open in the editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::position::{Encoding, Lines};

/// What all open files may hold together.
const MAX_BYTES: usize = 512 << 20;

/// An open file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the client names it.
    pub(super) uri: Uri,
    /// Grows with every change.
    pub(super) version: i32,
    /// What is in the editor.
    pub(super) text: Arc<str>,
}

/// The open files by their path on disk.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<PathBuf, Document>);

impl Documents {
    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.0.get(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Document)> {
        self.0.iter().map(|(path, document)| (&**path, document))
    }

    /// Takes a file in; says why not.
    pub(super) fn open(&mut self, path: PathBuf, document: Document) -> Result<(), String> {
        self.has_room_for(document.text.len())?;
        self.0.insert(path, document);
        Ok(())
    }

    pub(super) fn close(&mut self, path: &Path) -> Option<Document> {
        self.0.remove(path)
    }

    /// Changes a file; says why not. A change that is none leaves the text as it was.
    pub(super) fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Result<Arc<str>, String> {
        let document = self.0.get(path).ok_or("a file that is not open cannot change")?;
        if version <= document.version {
            return Err(format!(
                "version {version} is not later than {}",
                document.version
            ));
        }
        let mut text = document.text.to_string();
        let more: usize = changes.iter().map(|change| change.text.len()).sum();
        self.has_room_for(more)?;
        for change in changes {
            apply(&mut text, change, encoding)?;
        }
        let text: Arc<str> = text.into();
        if let Some(document) = self.0.get_mut(path) {
            document.text = Arc::clone(&text);
            document.version = version;
        }
        Ok(text)
    }

    fn has_room_for(&self, more: usize) -> Result<(), String> {
        let held: usize = self.0.values().map(|document| document.text.len()).sum();
        if held.saturating_add(more) > MAX_BYTES {
            return Err(format!("the open files would hold more than {MAX_BYTES} bytes"));
        }
        Ok(())
    }
}

fn apply(
    text: &mut String,
    change: TextDocumentContentChangeEvent,
    encoding: Encoding,
) -> Result<(), String> {
    let Some(range) = change.range else {
        *text = change.text;
        return Ok(());
    };
    let lines = Lines::of(text, encoding);
    let (start, end) = (lines.offset(range.start), lines.offset(range.end));
    if start > end {
        return Err("a range ends before it begins".to_owned());
    }
    text.replace_range(start..end, &change.text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use lsp_types::{Position, Range};

    use super::*;

    fn change(range: Option<[u32; 4]>, text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent {
            range: range.map(|[a, b, c, d]| Range::new(Position::new(a, b), Position::new(c, d))),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn changes_follow_each_other() {
        let path = Path::new("/a.yaml");
        let mut documents = Documents::default();
        let document = Document {
            uri: Uri::from_str("file:///a.yaml").unwrap(),
            version: 1,
            text: "a: 😀\nb: 2\n".into(),
        };
        documents.open(path.to_owned(), document).unwrap();
        let mut take = |version, changes| {
            let taken = documents.change(path, version, changes, Encoding::Utf16);
            taken.map(|text| text.to_string())
        };
        let changes = vec![
            change(Some([0, 3, 0, 5]), "1"),
            change(Some([0, 4, 0, 4]), "0"),
            change(Some([9, 0, 9, 9]), "c: 3\n"),
        ];
        assert_eq!(take(2, changes).unwrap(), "a: 10\nb: 2\nc: 3\n");
        assert!(take(2, vec![change(None, "late")]).is_err());
        assert!(take(3, vec![change(Some([1, 0, 0, 0]), "x")]).is_err());
        assert_eq!(take(4, vec![change(None, "new")]).unwrap(), "new");
    }
}
