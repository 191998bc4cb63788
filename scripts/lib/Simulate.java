import java.io.IOException;
import java.lang.reflect.Field;
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
 * Arguments: seconds, the first seed or "", a part of the names or "", then folders of test
 * classes.
 */
public final class Simulate {
    private static final long TURN_NS = 1_000_000_000L;
    private static final int MOST_AT_ONCE = 200;
    private static final long SALT = 0x5EED_5EEDL;

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
                report(first, count);
            }
            long tookNs = Math.max(1, System.nanoTime() - beganNs);
            batch = Math.max(1, Math.min(MOST_AT_ONCE, count * TURN_NS / tookNs));
        }

        /** The seed that failed, found by playing again: so it is known to fail again. */
        private void report(long first, long count) throws ReflectiveOperationException {
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
                        + " one: it depends on more than the seed%n%n",
                    name, first, first + count - 1);
        }
    }

    /**
     * The JDK's immutable sets and maps are gone through in an order that each process draws anew,
     * and Kafka's consensus goes through some: here the order is always the same, so that a seed
     * plays the same history in every process.
     */
    private static void pinOrderOfCollections() throws ReflectiveOperationException {
        Class<?> collections = Class.forName("java.util.ImmutableCollections");
        Class<?> type = Class.forName("sun.misc.Unsafe");
        var instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        Object unsafe = instance.get(null);
        var salt = collections.getDeclaredField("SALT32L");
        var reverse = collections.getDeclaredField("REVERSE");
        Method base = type.getMethod("staticFieldBase", Field.class);
        Method offset = type.getMethod("staticFieldOffset", Field.class);
        type.getMethod("putLong", Object.class, long.class, long.class)
                .invoke(unsafe, base.invoke(unsafe, salt), offset.invoke(unsafe, salt), SALT);
        type.getMethod("putBoolean", Object.class, long.class, boolean.class)
                .invoke(unsafe, base.invoke(unsafe, reverse), offset.invoke(unsafe, reverse), false);
    }

    public static void main(String[] args) throws Exception {
        pinOrderOfCollections();
        long seconds = Long.parseLong(args[0]);
        long firstSeed =
                args[1].isEmpty() ? new Random().nextInt(1 << 30) : Long.parseLong(args[1]);
        List<Simulation> all = find(args, firstSeed);
        if (all.isEmpty()) {
            System.out.println("no simulation is called " + args[2]);
            System.exit(2);
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
        for (int i = 3; i < args.length; i++) {
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
