package cases;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a Java client expects of a broker, case by case. One source for the clients of 3.x and 4.x.
 * Usage: Conformance HOST:PORT [CASE...]
 */
public final class Conformance {
    private static final int CASE_SECONDS = 10 + 2 * Testbed.PATIENCE_S;

    private Conformance() {}

    public static void main(String[] args) {
        Testbed.connect(args[0]);
        List<String> only = Arrays.asList(args).subList(1, args.length);
        Map<String, Testbed.Case> cases = new LinkedHashMap<>(TopicCases.all());
        cases.putAll(ProduceCases.all());
        cases.putAll(ConsumeCases.all());
        cases.putAll(GroupCases.all());
        cases.putAll(AdminCases.all());
        cases.putAll(TransactionCases.all());
        cases.putAll(newer("ProtocolCases", "org.apache.kafka.clients.consumer.CloseOptions"));
        cases.putAll(
                newer("ShareCases", "org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec"));
        if (!only.isEmpty()) {
            cases.keySet().retainAll(only);
        }
        int failed = 0;
        for (Map.Entry<String, Testbed.Case> each : cases.entrySet()) {
            failed += run(each.getKey(), each.getValue()) ? 0 : 1;
        }
        System.out.println("DONE");
        System.out.flush();
        Runtime.getRuntime().halt(failed == 0 ? 0 : 1);
    }

    /** Cases that only clients can compile which have a certain class. */
    @SuppressWarnings("unchecked")
    private static Map<String, Testbed.Case> newer(String cases, String needed) {
        try {
            Class.forName(needed);
        } catch (ClassNotFoundException e) {
            return Map.of();
        }
        try {
            return (Map<String, Testbed.Case>)
                    Class.forName("cases." + cases).getMethod("all").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(cases + " cannot be run", e);
        }
    }

    private static final ExecutorService THREADS =
            Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            });

    private static boolean run(String id, Testbed.Case body) {
        String name = id + "-" + UUID.randomUUID().toString().substring(0, 8);
        String failure = null;
        try {
            THREADS.submit(
                            (Callable<Void>)
                                    () -> {
                                        body.run(name);
                                        return null;
                                    })
                    .get(CASE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            failure = String.valueOf(e.getCause());
        } catch (TimeoutException e) {
            failure = "not done after " + CASE_SECONDS + " s";
        } catch (InterruptedException e) {
            failure = "interrupted";
        }
        System.out.println(
                failure == null ? "PASS " + id : "FAIL " + id + ": " + failure.replace('\n', ' '));
        System.out.flush();
        return failure == null;
    }
}
