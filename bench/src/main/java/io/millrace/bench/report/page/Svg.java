package io.millrace.bench.report.page;

/** A drawing, written shape by shape. Classes name the styles; coordinates are of the view box. */
final class Svg {
    private final StringBuilder shapes = new StringBuilder();
    private final double width;
    private final double height;
    private final String label;

    /**
     * @param label what the drawing shows, for who cannot see it
     */
    Svg(double width, double height, String label) {
        this.width = width;
        this.height = height;
        this.label = label;
    }

    Svg line(double x1, double y1, double x2, double y2, String style) {
        shapes.append(
                "<line x1='%s' y1='%s' x2='%s' y2='%s' class='%s'/>"
                        .formatted(at(x1), at(y1), at(x2), at(y2), style));
        return this;
    }

    /** A bar; {@code title} is shown when it is pointed at. */
    Svg rect(Box box, String style, String title) {
        shapes.append(
                        "<rect x='%s' y='%s' width='%s' height='%s' class='%s'>"
                                .formatted(
                                        at(box.x), at(box.y), at(box.width), at(box.height), style))
                .append(titled(title))
                .append("</rect>");
        return this;
    }

    Svg circle(double x, double y, double radius, String style, String title) {
        shapes.append(
                        "<circle cx='%s' cy='%s' r='%s' class='%s'>"
                                .formatted(at(x), at(y), at(radius), style))
                .append(titled(title))
                .append("</circle>");
        return this;
    }

    Svg path(CharSequence commands, String style) {
        shapes.append("<path d='%s' class='%s'/>".formatted(commands, style));
        return this;
    }

    Svg text(double x, double y, String style, String text) {
        shapes.append(
                "<text x='%s' y='%s' class='%s'>%s</text>"
                        .formatted(at(x), at(y), style, Html.escape(text)));
        return this;
    }

    String html() {
        return "<svg viewBox='0 0 %s %s' role='img' aria-label='%s'>%s</svg>"
                .formatted(at(width), at(height), Html.escape(label), shapes);
    }

    private static String titled(String title) {
        return title.isEmpty() ? "" : "<title>" + Html.escape(title) + "</title>";
    }

    private static String at(double value) {
        return Numbers.place(value);
    }

    /** A rectangle's place. */
    record Box(double x, double y, double width, double height) {}
}
