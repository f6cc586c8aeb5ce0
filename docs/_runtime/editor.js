// The editor in which a reader changes a program.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, WidgetType } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

// What the timeline shows in the program: lines that are lit, and a dot for
// each task at its line.
const show = StateEffect.define();
const shown = StateField.define({
  create: () => Decoration.none,
  update(marks, change) {
    marks = marks.map(change.changes);
    for (const effect of change.effects) if (effect.is(show)) marks = effect.value;
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Dot extends WidgetType {
  constructor(element) {
    super();
    this.element = element;
  }
  toDOM() {
    return this.element.cloneNode(true);
  }
}

// An editor in `parent` with `text` in it, named `label` for a screen reader.
export function createEditor({ parent, text, label, onChange, onRun }) {
  const run = (view) => (onRun(), true);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        shown,
        lineNumbers(),
        history(),
        drawSelection(),
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        highlightSelectionMatches(),
        pythonLanguage,
        syntaxHighlighting(classHighlighter),
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => update.docChanged && onChange()),
        keymap.of([
          { key: "Mod-Enter", run },
          indentWithTab,
          ...searchKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
      ],
    }),
  });
  const line = (n) => view.state.doc.line(Math.min(Math.max(n, 1), view.state.doc.lines));
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    focus: () => view.focus(),
    goTo(n) {
      view.dispatch({ selection: { anchor: line(n).from }, scrollIntoView: true });
      view.focus();
    },
    // `lit`: numbers of lines; `dots`: [number, element] of each.
    show(lit, dots = []) {
      const lines = [...new Set(lit)].filter((n) => n <= view.state.doc.lines);
      const marks = lines.map((n) => Decoration.line({ class: "timeline-line" }).range(line(n).from));
      for (const [n, element] of dots) {
        if (n <= view.state.doc.lines) {
          marks.push(Decoration.widget({ widget: new Dot(element), side: 1 }).range(line(n).to));
        }
      }
      view.dispatch({ effects: show.of(Decoration.set(marks, true)) });
    },
    destroy: () => view.destroy(),
  };
}
