package io.millrace.bench.lab;

import io.millrace.bench.history.Anomaly;
import io.millrace.bench.lab.client.Crew;
import io.millrace.bench.lab.client.Judged;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.client.Tally;
import io.millrace.bench.lab.fault.FaultPlan.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All rows of all worlds, from their first record to their last. Driven by one thread. */
final class Scene {
    private final List<World> worlds;
    private final Consumer<String> progress;
    private final Crew crew;

    /** What one row came to, and the faults that it went through. */
    record Result(Judged judged, List<Event> faults) {
        Row row() {
            return judged.row();
        }

        Tally tally() {
            return judged.tally();
        }

        List<Anomaly> forbidden() {
            return judged.forbidden();
        }

        boolean isEmpty() {
            return judged.isEmpty();
        }

        boolean holds() {
            return judged.holds();
        }
    }

    Scene(List<World> worlds, long seed, Consumer<String> progress) {
        this.worlds = worlds;
        this.progress = progress;
        crew = new Crew(worlds.stream().flatMap(world -> world.rows().stream()).toList(), seed);
    }

    void begin() {
        crew.begin();
    }

    /** Waits until the rows have delivered what they owe, or nothing more comes. */
    void settle() throws InterruptedException {
        crew.settle();
    }

    /** Reads every log once more and judges what was seen. Blocks. */
    List<Result> judge() {
        var results = new ArrayList<Result>();
        for (Judged judged : crew.judge(progress)) {
            World of =
                    worlds.stream()
                            .filter(world -> world.rows().contains(judged.row()))
                            .findFirst()
                            .orElseThrow();
            results.add(new Result(judged, of.happened()));
        }
        return results;
    }
}
