"""The forms of Grafana's dashboards: panels, variables, and a board that lays them out."""

# The only data source that anything refers to: what the reader of the dashboard has chosen.
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

GREEN, YELLOW, ORANGE, RED, BLUE = "green", "yellow", "orange", "red", "blue"


def query(expr, legend="", instant=False):
    """One question of a panel. `instant`: its value now, else its course."""
    return {"expr": expr, "legendFormat": legend, "instant": instant}


def steps(first, *others):
    """Colours: `first`, and from each (value, colour) on another."""
    return [{"color": first, "value": None},
            *({"color": color, "value": value} for value, color in others)]


def mapping(texts):
    """{value: (text, colour)} as a mapping of values."""
    return [{"type": "value", "options": {
        str(value): {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(texts.items())}}]


def override(name, **properties):
    """What the field `name` has that others have not."""
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": key, "value": value} for key, value in properties.items()]}


def colored(name, colors):
    """The colours of the field `name` where they are not those of the others."""
    return override(name, thresholds={"mode": "absolute", "steps": colors})


def _panel(kind, title, queries, description, defaults, options, overrides=(), transformations=()):
    targets = []
    for number, one in enumerate(queries):
        targets.append({
            "refId": chr(ord("A") + number), "datasource": DATASOURCE, "editorMode": "code",
            "expr": one["expr"], "legendFormat": one["legendFormat"],
            "instant": one["instant"], "range": not one["instant"],
            **({"format": "table"} if kind == "table" else {})})
    return {
        "type": kind, "title": title, "description": description, "datasource": DATASOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
        "options": options, "targets": targets,
        **({"transformations": list(transformations)} if transformations else {})}


def lines(title, queries, unit="short", description="", stacked=False, largest=None, least=0,
          calcs=("lastNotNull", "max")):
    """The course of values over time."""
    defaults = {
        "unit": unit, "color": {"mode": "palette-classic"},
        "custom": {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 40 if stacked else 5,
                   "showPoints": "never", "spanNulls": False,
                   "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}}
    for limit, value in (("min", least), ("max", largest)):
        if value is not None:
            defaults[limit] = value
    return _panel("timeseries", title, queries, description, defaults, {
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True,
                   "calcs": list(calcs)},
        "tooltip": {"mode": "multi", "sort": "desc"}})


def numbers(title, queries, colors, unit="short", description="", overrides=()):
    """Numbers as they are now, large."""
    return _panel("stat", title, queries, description, {
        "unit": unit, "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": colors}}, {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "background", "graphMode": "area", "justifyMode": "auto",
            "orientation": "auto", "textMode": "auto"}, overrides)


def bars(title, queries, colors, unit="short", description=""):
    """A bar for each value as it is now: for the topmost of many."""
    return _panel("bargauge", title, queries, description, {
        "unit": unit, "min": 0, "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": colors}}, {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True,
            "valueMode": "color", "minVizHeight": 10, "minVizWidth": 0})


def states(title, queries, texts, description=""):
    """A line for each series, coloured by what it is in; `texts` as for `mapping`."""
    return _panel("state-timeline", title, queries, description, {
        "color": {"mode": "thresholds"}, "mappings": mapping(texts),
        "thresholds": {"mode": "absolute", "steps": steps(GREEN)},
        "custom": {"fillOpacity": 80, "lineWidth": 0}}, {
            "alignValue": "left", "mergeValues": True, "rowHeight": 0.9, "showValue": "never",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
            "tooltip": {"mode": "single", "sort": "none"}})


def _cells(unit, colors, texts):
    return {
        "unit": unit,
        "color": {"mode": "thresholds"} if colors else {"mode": "continuous-GrYlRd"},
        "thresholds": {"mode": "absolute", "steps": colors or steps(GREEN)},
        "mappings": mapping(texts) if texts else [],
        "custom": {"align": "auto", "filterable": False,
                   "cellOptions": {"type": "color-background", "mode": "basic"}}}


def matrix(title, expr, row, column, unit="short", colors=(), texts=None, description=""):
    """A cell for each pair of the labels `row` and `column`; without `colors` from green to red."""
    return _panel("table", title, [query(expr, instant=True)], description,
                  _cells(unit, list(colors), texts), {"showHeader": True, "cellHeight": "sm"},
                  [{"matcher": {"id": "byType", "options": "string"},  # the names of the rows
                    "properties": [{"id": "custom.cellOptions", "value": {"type": "auto"}}]}],
                  transformations=[{"id": "groupingToMatrix", "options": {
                      "rowField": row, "columnField": column, "valueField": "Value",
                      "emptyValue": "null"}}])


def table(title, expr, value, unit="short", colors=(), descending=True, description=""):
    """A row for each series with its labels, ordered by its value, whose column is called `value`."""
    plain = {"unit": "short", "custom": {"align": "auto", "filterable": True}}
    cell = _cells(unit, list(colors), None)
    properties = {"unit": unit}
    if colors:
        properties.update({"color": cell["color"], "thresholds": cell["thresholds"],
                           "custom.cellOptions": cell["custom"]["cellOptions"]})
    return _panel("table", title, [query(expr, instant=True)], description, plain,
                  {"showHeader": True, "cellHeight": "sm",
                   "sortBy": [{"displayName": value, "desc": descending}]},
                  [override(value, **properties)],
                  [{"id": "organize", "options": {
                      "excludeByName": {"Time": True, "__name__": True}, "indexByName": {},
                      "renameByName": {"Value": value}}}])


def choice(name, label, values_of, named=False):
    """A variable with the values of a label: any number of them, or all. `named`: all are those that the
    variable has, else whatever there is, also series without the label."""
    return {
        "name": name, "label": label, "type": "query", "datasource": DATASOURCE,
        "definition": values_of,
        "query": {"qryType": 1, "query": values_of,
                  "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "includeAll": True, "multi": True, **({} if named else {"allValue": ".*"}),
        "refresh": 2, "sort": 1, "regex": "",
        "hide": 0, "skipUrlSync": False, "options": [],
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}


WIDTH = 24  # of a dashboard, in Grafana's columns


class Board:
    """A dashboard: rows of panels, from left to right and from above."""

    def __init__(self, uid, title, description, choices):
        self._panels = []
        self._x = self._y = self._height = 0
        self._head = {"uid": uid, "title": title, "description": description}
        self._choices = choices

    def row(self, title):
        self._break()
        self._place({"type": "row", "title": title, "collapsed": False, "panels": []}, WIDTH, 1)
        self._break()

    def add(self, panel, width, height=8):
        if self._x + width > WIDTH:
            self._break()
        self._place(panel, width, height)

    def _place(self, panel, width, height):
        panel = {"id": len(self._panels) + 1,
                 "gridPos": {"x": self._x, "y": self._y, "w": width, "h": height}, **panel}
        self._panels.append(panel)
        self._x += width
        self._height = max(self._height, height)

    def _break(self):
        self._y += self._height
        self._x = self._height = 0

    def as_json(self):
        kinds = sorted({p["type"] for p in self._panels} - {"row"})
        return {
            "__inputs": [],
            "__requires": [
                {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.4.0"},
                {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
                *({"type": "panel", "id": kind, "name": kind, "version": ""} for kind in kinds)],
            **self._head,
            "id": None, "version": 1, "schemaVersion": 39, "tags": ["xprober"],
            "editable": True, "graphTooltip": 1, "refresh": "30s", "timezone": "",
            "time": {"from": "now-6h", "to": "now"}, "timepicker": {},
            "annotations": {"list": []},
            "links": [{"type": "dashboards", "title": "xprober", "tags": ["xprober"],
                       "asDropdown": False, "includeVars": True, "keepTime": True,
                       "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}],
            "templating": {"list": [
                {"name": "datasource", "label": "Data source", "type": "datasource",
                 "query": "prometheus", "current": {}, "hide": 0, "includeAll": False,
                 "multi": False, "options": [], "refresh": 1, "regex": "", "skipUrlSync": False},
                *self._choices]},
            "panels": self._panels}
