package io.millrace.bench.lab.fault;

import io.millrace.broker.Millrace;
import io.millrace.broker.StartException;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;

/**
 * The lab's broker as a process: Millrace on a {@link FaultyDisk}. Arguments: the data folder, then
 * key=value. Prints {@code ready} when it serves, and takes on standard input {@code slow MS}; it
 * stops when that ends.
 */
public final class LabBroker {
    private LabBroker() {}

    /** Runs until standard input ends. */
    public static void main(String... args) throws IOException {
        Path data = Path.of(args[0]);
        var settings = new HashMap<String, String>();
        settings.put("log.dirs", data.toString());
        for (int i = 1; i < args.length; i++) {
            String[] keyAndValue = args[i].split("=", 2);
            settings.put(keyAndValue[0], keyAndValue[1]);
        }
        var disk = new FaultyDisk(DurableCopy.of(data));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var broker = Millrace.start(BrokerConfig.of(settings), disk)) {
            System.out.println("ready " + broker.port());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                disk.slowDown(Long.parseLong(line.substring("slow ".length())));
            }
        } catch (StartException | ConfigException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
