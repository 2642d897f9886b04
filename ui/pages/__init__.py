"""Pages: layout and `bind()` only. How a page is made, for whoever adds one.

A step has one module of the same name in viewmodels/ and pages/:

    viewmodels/check.py   class CheckModel(StepModel)     QtCore only: no QtWidgets, no QtGui
    pages/check.py        class CheckPage(QWidget)        `__init__(self, model: CheckModel)`

View-model. Made once, before the first project is opened; lives as long as the window, while
projects come and go (`project_opened`). State is `Property` (ui/binding.py) and is set by slots of
watchers: `session.watcher("plan").status_changed.connect(self._told)`. Actions are plain methods.
Long work: `session.launch(MakePlan(project=session.folder, options=...))`; its watcher then
follows it. A short call that could block (reading a file, SQLite) goes through
`session.door.run(work, done=..., failed=...)`. When a job has ended, call `session.refresh()`, so
that rail and Continue see what is new. `entered()` is called each time the page is shown and starts
what the page needs by itself, so the user does not have to ask. Failures of a job: set
`self.failure`; the window draws the card. The model decides the texts.

Page. Takes its model and nothing else, builds widgets and calls `bind()` / `bind_all()`. It never
computes and never touches a project. No own header, footer or scroll area: main_window.py draws
title, subtitle, failure card, Back, Continue (default button, Enter), and puts the page in a scroll
area 1,040 px wide at most. Leave margins at 0, spacing 16, end with a stretch unless something
should grow. Give every focusable widget an accessible name. Text sizes and colours come from the
style sheet: `QLabel` property role= eyebrow, title, heading, strong, muted, small, number, ok,
warn, bad; chip= neutral, primary, ok, warn, bad; `QFrame` property card= true, soft, primary, ok,
warn, bad; `QPushButton` property kind= primary, danger, quiet, link. ui/widgets/parts.py makes
them: `label(text, role=)`, `chip(text, kind=)`, `Card(kind=)`, `button(text, kind=, icon=)`,
`IconMark`, `ProgressCard`, `FlowRow` (side by side, or stacked when it is narrow: at 200 % text a
page has 560 px). Painted widgets use `theme.tokens()`, `theme.font()`, `theme.px()` as they paint.
All dialogs for files go through `ui.dialogs.ask_paths`.

Register. ui/screens.py finds both by these names. The first frame waits for none of them: they
are made before the first project is opened. tests/support/screens.py
has `SCREENS`: a name and a function that brings a whole window there (`Desk`); each is drawn light
and dark by `pytest tests/ui --screenshots DIR`, walked for accessible names, and tried at large
text.
"""
