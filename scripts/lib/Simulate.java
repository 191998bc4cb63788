import io.millrace.broker.simulation.CollectionOrder;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/**
 * Plays every simulation with fresh seeds, in turns of about a second, for as long as it is told.
 * Or plants mistakes in the one of whole clusters, and tells how soon each is found. Arguments:
 * seconds, the first seed or "", a part of the names or "", the mistake to plant, "all" or "", then
 * folders of test classes.
 */
public final class Simulate {
    private static final long TURN_NS = 1_000_000_000L;
    private static final int MOST_AT_ONCE = 200;
    private static final int MOST_CHARACTERS = 160;
    private static final String MISTAKES = "io.millrace.broker.simulation.cluster.Mistake";

    /** A test with the tag, and how it fared. */
    private static final class Simulation {
        final Method method;
        final String name;
        long nextSeed;
        long seeds;
        long events;
        long failures;
        long batch = 1;

        Simulation(Method method, long firstSeed) {
            this.method = method;
            method.setAccessible(true);
            name =
                    method.getDeclaringClass().getSimpleName().replace("SimulationTest", "")
                            + "."
                            + method.getName();
            nextSeed = firstSeed;
        }

        /** Plays some seeds; returns what was violated, or null. */
        String play(long first, long count) throws ReflectiveOperationException {
            System.setProperty("millrace.seed", Long.toString(first));
            System.setProperty("millrace.seeds", Long.toString(count));
            System.setProperty("millrace.events", "0");
            try {
                var constructor = method.getDeclaringClass().getDeclaredConstructor();
                constructor.setAccessible(true);
                method.invoke(constructor.newInstance());
                return null;
            } catch (InvocationTargetException e) {
                return String.valueOf(e.getCause());
            } finally {
                events += Long.getLong("millrace.events", 0);
            }
        }

        /** Plays seeds for about a second. */
        void turn(boolean once) throws ReflectiveOperationException {
            long beganNs = System.nanoTime();
            long first = nextSeed;
            long count = once ? 1 : batch;
            String violation = play(first, count);
            nextSeed += count;
            seeds += count;
            if (violation != null) {
                failures++;
                report(first, count, violation);
            }
            long tookNs = Math.max(1, System.nanoTime() - beganNs);
            batch = Math.max(1, Math.min(MOST_AT_ONCE, count * TURN_NS / tookNs));
        }

        /** The seed that failed, found by playing again: so it is known to fail again. */
        private void report(long first, long count, String before)
                throws ReflectiveOperationException {
            for (long seed = first; seed < first + count; seed++) {
                String violation = play(seed, 1);
                if (violation != null) {
                    nextSeed = seed + 1;
                    seeds -= first + count - nextSeed;
                    System.out.printf(
                            "%nVIOLATION in %s, seed %d%n%s%n  again: scripts/simulate --only %s"
                                + " --seed %d --seconds 0%n%n",
                            name, seed, violation, name, seed);
                    return;
                }
            }
            System.out.printf(
                    "%nVIOLATION in %s, seeds %d to %d, and none when they are played again one by"
                        + " one: it depends on more than the seed%n%s%n%n",
                    name, first, first + count - 1, before);
        }
    }

    /**
     * Plants mistakes in turns, each alone, and plays seeds until one is found to violate something
     * or the time for it is over; returns whether all were found.
     */
    private static boolean plant(Simulation in, List<String> mistakes, long seconds)
            throws ReflectiveOperationException {
        boolean all = true;
        System.out.printf(
                "from seed %d on, %d s at most for each%n%n%-20s %5s %8s  %s%n",
                in.nextSeed, seconds, "planted", "seeds", "seconds", "found as");
        for (String mistake : mistakes) {
            System.setProperty("millrace.plant", mistake);
            long beganNs = System.nanoTime();
            long first = in.nextSeed;
            long seed = first;
            String found = in.play(seed, 1);
            while (found == null && System.nanoTime() - beganNs < seconds * 1_000_000_000L) {
                found = in.play(++seed, 1);
            }
            all &= found != null;
            System.out.printf(
                    "%-20s %,5d %8.1f  %s%n",
                    mistake,
                    seed - first + 1,
                    (System.nanoTime() - beganNs) / 1e9,
                    found == null ? "NOT FOUND" : onOneLine(found));
        }
        return all;
    }

    private static String onOneLine(String text) {
        String line = text.replaceFirst("^java.lang.AssertionError: ", "").replaceAll("\\s+", " ");
        return line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS) + " ..." : line;
    }

    /** The mistakes that can be planted: all, or the one with that name. */
    private static List<String> mistakes(String name) throws ClassNotFoundException {
        List<String> known =
                Stream.of(Class.forName(MISTAKES).getEnumConstants())
                        .map(Object::toString)
                        .filter(each -> !each.equals("NONE"))
                        .toList();
        return name.equals("all") ? known : known.stream().filter(name::equals).toList();
    }

    public static void main(String[] args) throws Exception {
        CollectionOrder.pin();
        long seconds = Long.parseLong(args[0]);
        long firstSeed =
                args[1].isEmpty() ? new Random().nextInt(1 << 30) : Long.parseLong(args[1]);
        List<Simulation> all = find(args, firstSeed);
        if (all.isEmpty()) {
            System.out.println("no simulation is called " + args[2]);
            System.exit(2);
        }
        if (!args[3].isEmpty()) {
            List<String> planted = mistakes(args[3]);
            if (planted.isEmpty()) {
                System.out.printf("no mistake is called %s: %s%n", args[3], mistakes("all"));
                System.exit(2);
            }
            System.exit(plant(all.getFirst(), planted, seconds) ? 0 : 1);
        }
        System.out.printf(
                "%d simulations, from seed %d on, for %d s%n", all.size(), firstSeed, seconds);
        long beganNs = System.nanoTime();
        long untilNs = beganNs + seconds * 1_000_000_000L;
        long toldNs = beganNs;
        boolean first = true;
        while (first || System.nanoTime() < untilNs) {
            for (Simulation each : all) {
                if (first || System.nanoTime() < untilNs) {
                    each.turn(seconds == 0);
                }
            }
            first = false;
            if (System.nanoTime() - toldNs > 15 * TURN_NS) {
                toldNs = System.nanoTime();
                System.out.printf(
                        "[%4d s] %,d seeds, %,d events, %d violations%n",
                        (toldNs - beganNs) / TURN_NS,
                        sum(all, s -> s.seeds),
                        sum(all, s -> s.events),
                        sum(all, s -> s.failures));
            }
        }
        System.out.printf("%n%-100s %10s %14s %10s%n", "simulation", "seeds", "events", "failures");
        for (Simulation each : all) {
            System.out.printf(
                    "%-100s %,10d %,14d %10d%n", each.name, each.seeds, each.events, each.failures);
        }
        long failures = sum(all, s -> s.failures);
        System.out.printf(
                "%-100s %,10d %,14d %10d%n",
                "together", sum(all, s -> s.seeds), sum(all, s -> s.events), failures);
        System.exit(failures == 0 ? 0 : 1);
    }

    private static long sum(
            List<Simulation> all, java.util.function.ToLongFunction<Simulation> what) {
        return all.stream().mapToLong(what).sum();
    }

    private static List<Simulation> find(String[] args, long firstSeed)
            throws IOException, ClassNotFoundException {
        var found = new ArrayList<Simulation>();
        for (int i = 4; i < args.length; i++) {
            Path root = Path.of(args[i]);
            List<Path> files;
            try (Stream<Path> walk = Files.walk(root)) {
                files =
                        walk.filter(file -> file.toString().endsWith("SimulationTest.class"))
                                .sorted()
                                .toList();
            }
            for (Path file : files) {
                String name =
                        root.relativize(file).toString().replace(".class", "").replace('/', '.');
                for (Method method : Class.forName(name).getDeclaredMethods()) {
                    boolean tagged =
                            Stream.of(method.getAnnotationsByType(Tag.class))
                                    .anyMatch(tag -> tag.value().equals("simulation"));
                    var simulation = tagged ? new Simulation(method, firstSeed) : null;
                    if (simulation != null && simulation.name.contains(args[2])) {
                        found.add(simulation);
                    }
                }
            }
        }
        return found;
    }
}
