package io.millrace.bench.report.page;

import io.millrace.bench.report.Goal;
import java.util.List;
import java.util.Optional;

/** The goals: each one's ratio and spread on a line that has 1 in its middle, and its target. */
final class GoalTable {
    private static final double WIDTH = 260;
    private static final double HEIGHT = 26;
    private static final double SIDE = 8;
    private static final double LEAST = 0.02;
    private static final double MOST = 5;

    private final Axis axis = new Axis(Math::log10, Math.log10(LEAST), Math.log10(MOST), List.of());
    private final List<Goal> goals;
    private final List<Goal> earlier;

    GoalTable(List<Goal> goals, List<Goal> earlier) {
        this.goals = goals;
        this.earlier = earlier;
    }

    String html() {
        var rows = new StringBuilder();
        for (Goal goal : goals) {
            rows.append(row(goal));
        }
        String before = earlier.isEmpty() ? "" : "<th class='n'>before</th>";
        return """
        <div class='scroll'><table class='goals'>
        <thead><tr><th>goal</th><th class='n'>target</th><th class='n'>ratio</th>%s<th class='n spread'>spread</th>\
        <th class='plot'>on a logarithmic scale, 1 marked</th><th></th></tr></thead>
        <tbody>%s</tbody></table></div>
        """
                .formatted(before, rows);
    }

    private String row(Goal goal) {
        return """
        <tr><td>%s</td><td class='n'>%s %s</td><td class='n strong'>%s</td>%s<td class='n dim spread'>%s–%s</td>\
        <td class='plot'>%s</td><td><span class='%s</span></td></tr>
        """
                .formatted(
                        Html.escape(goal.name()),
                        goal.atMost() ? "≤" : "≥",
                        Numbers.text(goal.target()),
                        Numbers.ratio(goal.ratio()),
                        before(goal),
                        Numbers.ratio(goal.least()),
                        Numbers.ratio(goal.most()),
                        plot(goal),
                        goal.met() ? "met'>met" : "unmet'>not met");
    }

    private String before(Goal goal) {
        if (earlier.isEmpty()) {
            return "";
        }
        Optional<Goal> old =
                earlier.stream().filter(one -> one.name().equals(goal.name())).findFirst();
        return "<td class='n dim'>%s</td>"
                .formatted(old.map(one -> Numbers.ratio(one.ratio())).orElse("–"));
    }

    private String plot(Goal goal) {
        double middle = HEIGHT / 2;
        double target = x(goal.target());
        var svg = new Svg(WIDTH, HEIGHT, "ratio " + Numbers.ratio(goal.ratio()));
        svg.rect(
                goal.atMost()
                        ? new Svg.Box(SIDE, middle - 6, target - SIDE, 12)
                        : new Svg.Box(target, middle - 6, WIDTH - SIDE - target, 12),
                "good",
                "");
        svg.line(SIDE, middle, WIDTH - SIDE, middle, "grid");
        svg.line(x(1), 2, x(1), HEIGHT - 2, "one");
        svg.line(target, middle - 8, target, middle + 8, "target");
        String style = goal.met() ? "ok" : "bad";
        svg.line(x(goal.least()), middle, x(goal.most()), middle, "range " + style);
        svg.circle(x(goal.ratio()), middle, 5, "point " + style, Numbers.ratio(goal.ratio()));
        return svg.html();
    }

    private double x(double ratio) {
        return SIDE + axis.at(ratio) * (WIDTH - 2 * SIDE);
    }
}
