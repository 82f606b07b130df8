// What every page runs: each module attaches itself to the document once.
import "./session.js";
import "./toasts.js";
import "./forms.js";
import "./panel.js";
import "./lists.js";
import "./commands.js";
import "./menus.js";
import "./tabs.js";
import "./combobox.js";
import "./offline/keeping.js";
import "./offline/sending.js";
import "./offline/saving.js";
import "./reminders.js";
