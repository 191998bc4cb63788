package io.millrace.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the user of a command chose by name. */
public final class Choice {
    private Choice() {}

    /**
     * Those of {@code all} that are named, in their own order, or all where none is named.
     *
     * @param option how the option is called, as {@code --only}
     * @param named what was given to it
     * @param name what one of {@code all} is called
     * @throws ParameterException for a name that there is not; the command ends with 2
     */
    public static <T> List<T> of(
            CommandSpec spec,
            String option,
            Collection<String> named,
            List<T> all,
            Function<T, String> name) {
        List<String> names = all.stream().map(name).toList();
        var unknown = new ArrayList<>(named);
        unknown.removeAll(names);
        if (!unknown.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s takes %s: there is no %s"
                            .formatted(
                                    option, String.join(", ", names), String.join(", ", unknown)));
        }
        return all.stream()
                .filter(one -> named.isEmpty() || named.contains(name.apply(one)))
                .toList();
    }
}
